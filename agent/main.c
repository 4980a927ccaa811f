/* main.c - kc-agent: the program on an office's PC. */
#include "agent/cli/commands.h"

#include "common/crypto/crypto.h"

int
main (int argc, char **argv)
{
  CHECK (crypto_init ());
  return args_main (&agent_program, argc, argv);
}
