/* kc-collector - the provincial centre. Wiring only: commands are in cli/, what they work on in ledger/ and
 * gate/. */
#include "collector/cli/commands.h"

#include "common/crypto/crypto.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
  static const program_t program = {
      .program = "kc-collector",
      .version = KC_VERSION,
      .about_vi = "Trung tâm tỉnh: nhận số liệu của các đơn vị, giữ tổng chạy, chứng minh từng con số.",
      .about_en =
          "The provincial centre: takes the offices' records, keeps running totals, proves every figure.",
      .commands = collector_commands,
  };
  if (!crypto_init ()) {
    fputs ("kc-collector: libsodium\n", stderr);
    return 5;
  }
  return args_main (&program, argc, argv);
}
