/* args_private.h - shared by args.c (parsing) and args_help.c (all that is printed from the tables). */
#ifndef KC_CLI_ARGS_PRIVATE_H
#define KC_CLI_ARGS_PRIVATE_H

#include "common/cli/args.h"

extern const option_t args_common_options[];  /* of every command */
extern const option_t args_program_options[]; /* of the program itself, before a command */

size_t options_count (const option_t *o); /* 0 for NULL */
const option_t *options_find (const option_t *o, const char *name);

void help_program (const program_t *p, FILE *out);
void help_command (const program_t *p, const command_t *c, FILE *out);
void help_man (const program_t *p, FILE *out);
void help_completion_bash (const program_t *p, FILE *out);
/* The name in the list nearest to what was typed, NULL when none is near. */
const char *nearest_command (const program_t *p, const char *typed);
const char *nearest_option (const command_t *c, const char *typed);

#endif
