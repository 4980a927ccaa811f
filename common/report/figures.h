/* figures.h - where a report takes its figures from: a snapshot of a store, on either side.
 *
 * The report is pure: it knows no store. Whoever asks for one fills this in: the collector from its ledger,
 * the agent from its outbox. */
#ifndef KC_REPORT_FIGURES_H
#define KC_REPORT_FIGURES_H

#include "common/core/catalogue.h"
#include "common/core/groupings.h"

/* An atom in the dimensions asked for (others are zero); what a snapshot takes back comes with negative
 * measures. Stops at the first error. */
typedef err_t (figures_atom_fn) (void *ctx, const atom_t *a);
/* A live record of the snapshot; valid during the call. */
typedef err_t (figures_record_fn) (void *ctx, const record_t *r);

typedef struct {
  void *ctx;
  const catalogue_t *catalogue; /* in force at the position */
  str_t position, seal;         /* as written into files: EPOCH:LSN and 32 hex digits */
  wall_t at;                    /* time of the position by the clock of the store's keeper */
  unit_id_t office;             /* 0 = the whole province; the two functions give this office's only */
  err_t (*atoms) (void *ctx, family_t family, uint32_t dims, figures_atom_fn *fn, void *fn_ctx);
  err_t (*records) (void *ctx, kind_t kind, figures_record_fn *fn, void *fn_ctx);
} figures_t;

/* The figures of one office out of those of all. */
typedef struct {
  figures_t all;
  unit_id_t only;
} figures_office_t;
/* unit 0: all as they are. The rest of *out (catalogue, position …) is that of all. w outlives *out. */
void figures_of_office (figures_office_t *w, const figures_t *all, unit_id_t unit, figures_t *out);

#endif
