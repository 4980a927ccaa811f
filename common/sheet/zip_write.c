#include "common/sheet/zip_write.h"

#include <stdlib.h>
#include <string.h>

#include <minizip/zip.h>

#define FIRST_DAY 0x00210000u /* 1980-01-01 00:00 as zips write it */

struct zip_write {
  buf_t *out;
  size_t start, at; /* where the archive begins in out; where the next byte goes, from there */
  zipFile zip;
};

/* ---- minizip's file: the buffer ---- */

static voidpf ZCALLBACK
mem_open (voidpf opaque, const void *name, int mode)
{
  (void)name, (void)mode;
  return opaque;
}

static uLong ZCALLBACK
mem_read (voidpf opaque, voidpf stream, void *to, uLong n)
{
  (void)opaque, (void)stream, (void)to, (void)n;
  return 0;
}

/* A part may be written over: minizip comes back to an entry's head when it knows its sum and size. */
static uLong ZCALLBACK
mem_write (voidpf opaque, voidpf stream, const void *from, uLong n)
{
  zip_write_t *z = opaque;
  (void)stream;
  size_t place = z->start + z->at;
  size_t over = place < z->out->n ? z->out->n - place : 0;
  if (over > n)
    over = n;
  if (over > 0)
    memcpy (z->out->p + place, from, over);
  buf_put (z->out, (const char *)from + over, n - over);
  if (!buf_ok (z->out))
    return 0;
  z->at += n;
  return n;
}

static ZPOS64_T ZCALLBACK
mem_tell (voidpf opaque, voidpf stream)
{
  (void)stream;
  return ((const zip_write_t *)opaque)->at;
}

static long ZCALLBACK
mem_seek (voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
  zip_write_t *z = opaque;
  (void)stream;
  size_t size = z->out->n - z->start;
  size_t base = origin == ZLIB_FILEFUNC_SEEK_CUR ? z->at : origin == ZLIB_FILEFUNC_SEEK_END ? size : 0;
  if (offset > size || base > size - (size_t)offset)
    return -1;
  z->at = base + (size_t)offset;
  return 0;
}

static int ZCALLBACK
mem_nothing (voidpf opaque, voidpf stream)
{
  (void)opaque, (void)stream;
  return 0;
}

/* ---- the archive ---- */

zip_write_t *
zip_write_new (buf_t *out)
{
  zip_write_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->out = out;
  self->start = out->n;
  zlib_filefunc64_def memory = {.zopen64_file = mem_open,
                                .zread_file = mem_read,
                                .zwrite_file = mem_write,
                                .ztell64_file = mem_tell,
                                .zseek64_file = mem_seek,
                                .zclose_file = mem_nothing,
                                .zerror_file = mem_nothing,
                                .opaque = self};
  self->zip = zipOpen2_64 ("", APPEND_STATUS_CREATE, NULL, &memory);
  if (self->zip == NULL)
    zip_write_destroy (&self);
  return self;
}

void
zip_write_destroy (zip_write_t **self_p)
{
  zip_write_t *self = *self_p;
  if (self == NULL)
    return;
  if (self->zip != NULL)
    (void)zipClose (self->zip, NULL);
  free (self);
  *self_p = NULL;
}

err_t
zip_write_add (zip_write_t *self, const char *name, str_t bytes, bool stored)
{
  CHECK (self->zip != NULL && bytes.n <= UINT32_MAX / 2);
  const zip_fileinfo info = {.dosDate = FIRST_DAY};
  if (zipOpenNewFileInZip (self->zip, name, &info, NULL, 0, NULL, 0, NULL, stored ? 0 : Z_DEFLATED,
                           stored ? 0 : Z_DEFAULT_COMPRESSION) != ZIP_OK)
    return ERR_NOMEM;
  int wrote = zipWriteInFileInZip (self->zip, bytes.p != NULL ? bytes.p : "", (unsigned)bytes.n);
  int closed = zipCloseFileInZip (self->zip);
  return wrote == ZIP_OK && closed == ZIP_OK && buf_ok (self->out) ? ERR_OK : ERR_NOMEM;
}

err_t
zip_write_finish (zip_write_t *self)
{
  CHECK (self->zip != NULL);
  int closed = zipClose (self->zip, NULL);
  self->zip = NULL;
  return closed == ZIP_OK && buf_ok (self->out) ? ERR_OK : ERR_NOMEM;
}

err_t
zip_write_all (const zip_part_t *parts, size_t n, buf_t *out)
{
  zip_write_t *zip = zip_write_new (out);
  err_t err = zip != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    err = zip_write_add (zip, parts[i].name, parts[i].bytes, parts[i].stored);
  if (err == ERR_OK)
    err = zip_write_finish (zip);
  zip_write_destroy (&zip);
  return err;
}
