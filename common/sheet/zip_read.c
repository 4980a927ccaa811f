#include "common/sheet/zip_read.h"

#include "common/base/lang.h"

#include <stdlib.h>
#include <string.h>

#include <minizip/unzip.h>

#define ENTRIES_MAX 10000u
#define ENCRYPTED 1u         /* bit of an entry's flags */
#define AS_OFFICE_PROGRAMS 2 /* letter case does not count */

struct zip_read {
  str_t file;
  size_t at;       /* of minizip's file, which is memory */
  bool short_read; /* it would take bytes that are missing for zeros */
  unzFile zip;
  bool open; /* an entry is */
  uint64_t entry_size, entry_at;
  size_t unpacked, unpacked_max;
};

/* ---- minizip's file: the bytes ---- */

static voidpf ZCALLBACK
mem_open (voidpf opaque, const void *name, int mode)
{
  (void)name, (void)mode;
  return opaque;
}

static uLong ZCALLBACK
mem_read (voidpf opaque, voidpf stream, void *to, uLong n)
{
  zip_read_t *z = opaque;
  (void)stream;
  const size_t left = z->file.n - z->at;
  if (n > left) {
    z->short_read = true;
    n = (uLong)left;
  }
  if (n > 0)
    memcpy (to, z->file.p + z->at, n);
  z->at += n;
  return n;
}

static uLong ZCALLBACK
mem_write (voidpf opaque, voidpf stream, const void *from, uLong n)
{
  (void)opaque, (void)stream, (void)from, (void)n;
  return 0;
}

static ZPOS64_T ZCALLBACK
mem_tell (voidpf opaque, voidpf stream)
{
  (void)stream;
  return ((const zip_read_t *)opaque)->at;
}

static long ZCALLBACK
mem_seek (voidpf opaque, voidpf stream, ZPOS64_T offset, int origin)
{
  zip_read_t *z = opaque;
  (void)stream;
  const size_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? z->at
                      : origin == ZLIB_FILEFUNC_SEEK_END ? z->file.n
                                                         : 0;
  if (offset > z->file.n || base > z->file.n - (size_t)offset)
    return -1;
  z->at = base + (size_t)offset;
  return 0;
}

static int ZCALLBACK
mem_close (voidpf opaque, voidpf stream)
{
  (void)opaque, (void)stream;
  return 0;
}

static int ZCALLBACK
mem_error (voidpf opaque, voidpf stream)
{
  (void)stream;
  return ((const zip_read_t *)opaque)->short_read;
}

/* ---- the archive ---- */

static err_t
damaged (fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("tệp bị hỏng hoặc bị cắt giữa chừng: hãy chép lại tệp, hoặc mở trong Excel rồi lưu lại",
                      "the file is damaged or cut short: copy it again, or open it in Excel and save it"));
}

zip_read_t *
zip_read_open (str_t file, size_t unpacked_max, fail_t *fail)
{
  unz_global_info64 info = {0};
  zip_read_t *self = calloc (1, sizeof *self);
  if (self == NULL) {
    (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    return NULL;
  }
  self->file = file;
  self->unpacked_max = unpacked_max;
  zlib_filefunc64_def memory = {.zopen64_file = mem_open,
                                .zread_file = mem_read,
                                .zwrite_file = mem_write,
                                .ztell64_file = mem_tell,
                                .zseek64_file = mem_seek,
                                .zclose_file = mem_close,
                                .zerror_file = mem_error,
                                .opaque = self};
  self->zip = unzOpen2_64 ("", &memory);
  if (self->zip == NULL || self->short_read || unzGetGlobalInfo64 (self->zip, &info) != UNZ_OK ||
      info.number_entry > ENTRIES_MAX) {
    (void)damaged (fail);
    zip_read_destroy (&self);
  }
  return self;
}

static int
close_entry (zip_read_t *self)
{
  if (!self->open)
    return UNZ_OK;
  self->open = false;
  return unzCloseCurrentFile (self->zip);
}

void
zip_read_destroy (zip_read_t **self_p)
{
  zip_read_t *self = *self_p;
  if (self == NULL)
    return;
  if (self->zip != NULL) {
    (void)close_entry (self);
    (void)unzClose (self->zip);
  }
  free (self);
  *self_p = NULL;
}

bool
zip_read_has (zip_read_t *self, const char *name)
{
  CHECK (!self->open);
  return unzLocateFile (self->zip, name, AS_OFFICE_PROGRAMS) == UNZ_OK;
}

err_t
zip_read_start (zip_read_t *self, const char *name, fail_t *fail)
{
  unz_file_info64 info;
  (void)close_entry (self);
  if (!zip_read_has (self, name))
    return ERR_NOT_FOUND;
  if (unzGetCurrentFileInfo64 (self->zip, &info, NULL, 0, NULL, 0, NULL, 0) != UNZ_OK)
    return damaged (fail);
  if ((info.flag & ENCRYPTED) != 0)
    return fail_set (fail, ERR_INPUT,
                     L ("tệp có mật khẩu: hãy mở tệp, bỏ mật khẩu rồi lưu lại",
                        "the file has a password: open it, take the password off and save it"));
  if (unzOpenCurrentFile (self->zip) != UNZ_OK)
    return damaged (fail);
  self->open = true;
  self->entry_size = info.uncompressed_size;
  self->entry_at = 0;
  return ERR_OK;
}

err_t
zip_read_more (zip_read_t *self, char *to, size_t room, size_t *n, fail_t *fail)
{
  CHECK (room > 0 && room <= 1u << 30);
  *n = 0;
  if (!self->open)
    return ERR_OK;
  const int got = unzReadCurrentFile (self->zip, to, (unsigned)room);
  if (got < 0)
    return damaged (fail);
  self->entry_at += (unsigned)got;
  self->unpacked += (unsigned)got;
  if (self->unpacked > self->unpacked_max)
    return fail_set (
        fail, ERR_TOO_BIG,
        L ("sổ tính giải nén ra hơn %zu MiB: hãy xóa các trang tính và định dạng thừa, hoặc lưu "
           "thành “CSV UTF-8”",
           "the workbook unpacks to more than %zu MiB: delete sheets and formatting that are not "
           "needed, or save it as \"CSV UTF-8\""),
        self->unpacked_max >> 20);
  if (got == 0 && (close_entry (self) != UNZ_OK || self->entry_at != self->entry_size))
    return damaged (fail);
  *n = (size_t)got;
  return ERR_OK;
}

unsigned
zip_read_progress (const zip_read_t *self)
{
  if (self->entry_size == 0 || self->entry_at >= self->entry_size)
    return 1000;
  return (unsigned)((double)self->entry_at / (double)self->entry_size * 1000);
}
