/* kv_lmdb_file.c - is this file what LMDB may map?
 *
 * LMDB believes its file. Cut short, it kills the process with SIGBUS at the first page that is not
 * there; empty, it is silently taken for a new store. So the two meta pages are read here, and the
 * file's size is held against the last page they speak of.
 *
 * A sound file may be shorter than that: pages that a transaction took at the end and gave back before
 * its commit are counted but never written. Refusing such a file would lock an office out of a good
 * store, so a short file is walked from its roots, by plain reads, and is damaged only when a page that
 * is in use is not there or is not what it should be. A small file is walked at every opening; so is, for
 * verify, a file of any size: the same walk, on the snapshot of a reader that keeps
 * writers off its pages, says that LMDB may be trusted with it.
 *
 * Layout (LMDB 0.9, data version 1, 64 bit, byte order of the machine). A page: number u64, pad u16,
 * flags u16, lower u16, upper u16 (or, of an overflow run, pages u32), then the node offsets u16 each.
 * A meta page holds after those 16 bytes: magic u32, version u32, address u64, map size u64, two
 * database headers of 48 bytes (free list, main), last page u64, transaction u64. A database header: pad
 * u32 (free list's: the page size), flags u16, depth u16, branch, leaf, overflow pages, entries, root u64
 * each. A node: low u16, high u16, flags u16, key size u16, key, data; in a branch low, high and flags
 * together are the child's number, in a leaf low and high are the data's size. */
#include "common/store/kv_lmdb_file.h"
#include "common/base/bytes.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_HEADER 16u
#define META_SIZE 152u
#define MAGIC 0xBEEFC0DEu
#define DATA_VERSION 1u
#define NO_PAGE UINT64_MAX
#define DB_SIZE ((size_t)48)
#define DB_FLAGS 4u
#define DB_ENTRIES 32u
#define DB_ROOT 40u
#define NODE_HEADER 8u
#define DEPTH_MAX 40u /* LMDB gives up at 32 in each of the two trees */
#define KEY_MAX 511u
#define TRIES 100u
#define MAP_MAX (UINT64_C (1) << 46)
#define SMALL_FILE (UINT64_C (16) << 20) /* walked at every opening: some milliseconds */

enum { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_OVERFLOW = 0x04, PAGE_META = 0x08 };
enum { NODE_BIG = 0x01, NODE_SUB = 0x02 };

_Static_assert(sizeof (size_t) == 8, "the layout below is the one of 64-bit LMDB");

typedef struct {
  FILE *file;
  uint32_t page_size;
  uint64_t pages;   /* whole pages in the file */
  uint64_t visited; /* more than there are: a page is used twice */
  uint64_t entries; /* seen in this tree */
  bool free_list;   /* in the free list's tree, whose keys are numbers */
} scan_t;

typedef struct {
  bool magic;
  uint32_t version, page_size;
  uint64_t map_size, root[2], entries[2], last_page, txn;
} meta_t;

static uint16_t
get_u16 (const char *p)
{
  uint16_t v;
  memcpy (&v, p, sizeof v);
  return v;
}

static uint32_t
get_u32 (const char *p)
{
  uint32_t v;
  memcpy (&v, p, sizeof v);
  return v;
}

static uint64_t
get_u64 (const char *p)
{
  uint64_t v;
  memcpy (&v, p, sizeof v);
  return v;
}

static bool
read_at (scan_t *s, uint64_t at, char *out, size_t n)
{
  if (at > INT64_MAX || fseeko (s->file, (off_t)at, SEEK_SET) != 0)
    return false;
  return fread (out, 1, n, s->file) == n;
}

static bool
read_meta (scan_t *s, uint64_t at, meta_t *out)
{
  char b[META_SIZE];
  *out = (meta_t){0};
  if (!read_at (s, at, b, sizeof b))
    return false;
  const char *m = b + PAGE_HEADER;
  const char *dbs = m + 24;
  out->magic = get_u32 (m) == MAGIC;
  out->version = get_u32 (m + 4);
  out->map_size = get_u64 (m + 16);
  out->page_size = get_u32 (dbs);
  out->root[0] = get_u64 (dbs + DB_ROOT);
  out->root[1] = get_u64 (dbs + DB_SIZE + DB_ROOT);
  out->entries[0] = get_u64 (dbs + DB_ENTRIES);
  out->entries[1] = get_u64 (dbs + DB_SIZE + DB_ENTRIES);
  out->last_page = get_u64 (dbs + 2 * DB_SIZE);
  out->txn = get_u64 (dbs + 2 * DB_SIZE + 8);
  return true;
}

/* What a 64-bit process can map, and where the last page lies in it. */
static bool
map_size_fits (const meta_t *m, uint32_t page_size)
{
  return m->map_size <= MAP_MAX && m->last_page < m->map_size / page_size;
}

static bool
page_size_fits (uint32_t n)
{
  return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

/* ---- the walk ---- */

static bool walk (scan_t *s, uint64_t page, unsigned depth);

/* A tree from its root. Values that fell out of a page whole are missed by their number only. */
static bool
walk_tree (scan_t *s, uint64_t root, uint64_t entries, unsigned depth)
{
  uint64_t outer = s->entries;
  s->entries = 0;
  bool fine = root == NO_PAGE || walk (s, root, depth);
  fine = fine && s->entries == entries;
  s->entries = outer;
  return fine;
}

static bool
overflow_fits (scan_t *s, uint64_t first, uint64_t bytes)
{
  char head[PAGE_HEADER];
  uint64_t n = (PAGE_HEADER - 1 + bytes) / s->page_size + 1;
  if (first < 2 || first >= s->pages || n > s->pages - first)
    return false;
  return read_at (s, first * s->page_size, head, sizeof head) && get_u64 (head) == first &&
         (get_u16 (head + 10) & PAGE_OVERFLOW) != 0 && get_u32 (head + 12) >= n;
}

/* A list of free pages: how many, then their numbers. */
static bool
free_list_fits (const char *list, uint64_t bytes)
{
  return bytes >= 8 && get_u64 (list) <= bytes / 8 - 1;
}

static bool
walk_leaf_node (scan_t *s, const char *node, size_t room, unsigned depth)
{
  uint16_t flags = get_u16 (node + 4);
  size_t key_n = get_u16 (node + 6);
  size_t data = NODE_HEADER + key_n;
  uint64_t bytes = (uint64_t)get_u16 (node) | (uint64_t)get_u16 (node + 2) << 16;
  if (key_n == 0 || key_n > KEY_MAX || (flags & ~(NODE_BIG | NODE_SUB)) != 0 || data > room)
    return false;
  s->entries++;
  if (flags & NODE_BIG)
    return data + 8 <= room && overflow_fits (s, get_u64 (node + data), bytes);
  if (bytes > room - data)
    return false;
  if (flags & NODE_SUB) {
    const char *db = node + data;
    return bytes == DB_SIZE && get_u16 (db + DB_FLAGS) == 0 &&
           walk_tree (s, get_u64 (db + DB_ROOT), get_u64 (db + DB_ENTRIES), depth + 1);
  }
  return !s->free_list || free_list_fits (node + data, bytes);
}

static bool
walk_branch_node (scan_t *s, const char *node, size_t room, unsigned depth)
{
  uint64_t child =
      (uint64_t)get_u16 (node) | (uint64_t)get_u16 (node + 2) << 16 | (uint64_t)get_u16 (node + 4) << 32;
  return NODE_HEADER + (size_t)get_u16 (node + 6) <= room && walk (s, child, depth + 1);
}

/* Keys of a page stand in order; the first of a branch means nothing and is mostly empty. */
static bool
in_order (const scan_t *s, const char *before, const char *node, size_t room)
{
  if (s->free_list || before == NULL)
    return true;
  str_t a = {before + NODE_HEADER, get_u16 (before + 6)}, b = {node + NODE_HEADER, get_u16 (node + 6)};
  return NODE_HEADER + b.n <= room && str_cmp (a, b) < 0;
}

static bool
walk_nodes (scan_t *s, const char *p, unsigned depth)
{
  uint16_t flags = get_u16 (p + 10);
  uint32_t lower = get_u16 (p + 12), upper = get_u16 (p + 14);
  const char *before = NULL;
  if (lower <= PAGE_HEADER || lower > upper || upper > s->page_size)
    return false;
  for (uint32_t at = PAGE_HEADER; at + 2 <= lower; at += 2) {
    uint32_t offset = get_u16 (p + at);
    if (offset < upper || offset + NODE_HEADER > s->page_size)
      return false;
    const char *node = p + offset;
    size_t room = s->page_size - offset;
    if (!in_order (s, before, node, room))
      return false;
    if (!(flags & PAGE_BRANCH ? walk_branch_node (s, node, room, depth)
                              : walk_leaf_node (s, node, room, depth)))
      return false;
    if (!(flags & PAGE_BRANCH) || at > PAGE_HEADER)
      before = node;
  }
  return true;
}

static bool
walk (scan_t *s, uint64_t page, unsigned depth)
{
  if (page < 2 || page >= s->pages || depth > DEPTH_MAX || ++s->visited > s->pages)
    return false;
  char *p = malloc (s->page_size);
  if (p == NULL)
    return false;
  bool fine = read_at (s, page * s->page_size, p, s->page_size);
  if (fine) {
    uint16_t kind = get_u16 (p + 10); /* nothing beside it: other flags give the page another layout */
    fine = get_u64 (p) == page && (kind == PAGE_BRANCH || kind == PAGE_LEAF) && walk_nodes (s, p, depth);
  }
  free (p);
  return fine;
}

static bool
walk_all (scan_t *s, const meta_t *m)
{
  s->visited = 0;
  for (size_t i = 0; i < 2; i++) {
    s->free_list = i == 0;
    if (!walk_tree (s, m->root[i], m->entries[i], 0))
      return false;
  }
  return true;
}

/* ---- the check ---- */

static err_t
not_a_store (fail_t *fail)
{
  return fail_set (fail, ERR_NOT_STORE,
                   L ("data.mdb không phải tệp của kho dữ liệu; hãy kiểm tra lại thư mục",
                      "data.mdb is no store's file; check the directory"));
}

static err_t
damaged (fail_t *fail, const char *what_vi, const char *what_en)
{
  return fail_set (fail, ERR_DAMAGED,
                   L ("tệp data.mdb bị hỏng: %s; hãy phục hồi từ bản sao lưu",
                      "the file data.mdb is damaged: %s; restore it from a backup"),
                   L (what_vi, what_en));
}

static err_t
cut_short (fail_t *fail)
{
  return damaged (fail, "bị cắt cụt", "it has been cut short");
}

static err_t
wrong_pages (fail_t *fail)
{
  return damaged (fail, "cấu trúc trang sai", "the structure of its pages is wrong");
}

static err_t
read_metas_once (scan_t *s, meta_t m[2], fail_t *fail)
{
  char head[PAGE_HEADER + 8];
  if (!read_at (s, 0, head, sizeof head) || get_u32 (head + PAGE_HEADER) != MAGIC)
    return not_a_store (fail);
  if (get_u32 (head + PAGE_HEADER + 4) != DATA_VERSION)
    return fail_set (fail, ERR_VERSION,
                     L ("kho do phiên bản khác của chương trình tạo ra; hãy dùng chương trình mới hơn",
                        "the store was made by another version of the program; use a newer one"));
  if (!read_meta (s, 0, &m[0]))
    return cut_short (fail);
  s->page_size = m[0].page_size;
  if (!page_size_fits (s->page_size))
    return damaged (fail, "trang đầu sai", "its first page is wrong");
  if (!read_meta (s, s->page_size, &m[1]))
    return cut_short (fail);
  if (!m[1].magic || m[1].version != DATA_VERSION || m[1].page_size != s->page_size)
    return damaged (fail, "trang thứ hai sai", "its second page is wrong");
  if (!map_size_fits (&m[0], s->page_size) || !map_size_fits (&m[1], s->page_size))
    return damaged (fail, "cỡ ghi ở trang đầu sai", "the size its first pages tell is wrong");
  return ERR_OK;
}

/* Transactions take turns at the two pages, even numbers the first and odd ones the second, and none is left
 * out. A number that breaks this makes LMDB take an older state, sound in itself, for the newest. */
static bool
numbers_fit (const meta_t m[2])
{
  uint64_t a = m[0].txn, b = m[1].txn;
  if (a == 0 && b == 0)
    return true;
  return a % 2 == 0 && b % 2 == 1 && (a + 1 == b || b + 1 == a);
}

/* Between the two reads a writer may go on. */
static err_t
read_metas (scan_t *s, meta_t m[2], fail_t *fail)
{
  for (unsigned i = 0; i < TRIES; i++) {
    err_t err = read_metas_once (s, m, fail);
    if (err != ERR_OK || numbers_fit (m))
      return err;
  }
  return damaged (fail, "hai trang đầu không khớp nhau", "its first two pages do not fit each other");
}

static const meta_t *
newest (const meta_t m[2])
{
  return m[0].txn < m[1].txn ? &m[1] : &m[0]; /* as LMDB chooses */
}

/* A page of the newest state may be written anew while we look at it, once two commits have gone by. Then the
 * meta pages have moved on: look again. A store that is written all the time is mapped by its writer. */
static err_t
check_open_file (scan_t *s, const char *path, fail_t *fail)
{
  for (unsigned i = 0; i < TRIES; i++) {
    meta_t m[2], now[2];
    err_t err = read_metas (s, m, fail);
    if (err != ERR_OK)
      return err;
    const meta_t *chosen = newest (m);
    /* After the meta pages: a writer makes the file longer before it moves them. */
    s->pages = file_size (path) / s->page_size;
    if (s->pages < 2)
      return cut_short (fail);
    bool shorter = chosen->last_page >= s->pages;
    if (!shorter && s->pages * s->page_size > SMALL_FILE)
      return ERR_OK;
    if (walk_all (s, chosen))
      return ERR_OK;
    err = read_metas (s, now, fail);
    if (err != ERR_OK)
      return err;
    if (newest (now)->txn == chosen->txn)
      return shorter ? cut_short (fail) : wrong_pages (fail);
    if (!shorter)
      return ERR_OK;
  }
  return ERR_OK;
}

static FILE *
open_unbuffered (const char *path)
{
  FILE *f = fopen (path, "rb");
  if (f != NULL)
    setvbuf (f, NULL, _IONBF, 0); /* each read is of the file as it is now */
  return f;
}

err_t
lmdb_file_check (const char *path, fail_t *fail)
{
  scan_t s = {0};
  if (path_is_dir (path))
    return not_a_store (fail);
  errno = 0;
  s.file = open_unbuffered (path);
  if (s.file == NULL)
    return fail_set (
        fail, ERR_NOT_STORE, "%s",
        errno == EACCES || file_exists (path)
            ? L ("không đọc được data.mdb; hãy chạy bằng người dùng sở hữu thư mục này",
                 "data.mdb cannot be read; run as the user that owns the directory")
            : L ("thư mục này không có kho dữ liệu (thiếu data.mdb); hãy kiểm tra lại đường dẫn, "
                 "hoặc tạo kho trước",
                 "there is no store in this directory (data.mdb is missing); check the path, or "
                 "make the store first"));
  err_t err = check_open_file (&s, path, fail);
  fclose (s.file);
  return err;
}

err_t
lmdb_file_walk (const char *path, uint64_t txn, fail_t *fail)
{
  scan_t s = {0};
  meta_t m[2];
  s.file = open_unbuffered (path);
  if (s.file == NULL)
    return fail_set (fail, ERR_IO, L ("không đọc được data.mdb", "data.mdb cannot be read"));
  err_t err = read_metas (&s, m, fail);
  const meta_t *chosen = err != ERR_OK ? NULL : m[0].txn == txn ? &m[0] : m[1].txn == txn ? &m[1] : NULL;
  if (err == ERR_OK && chosen == NULL)
    err = ERR_NOT_FOUND;
  if (err == ERR_OK) {
    s.pages = file_size (path) / s.page_size;
    if (!walk_all (&s, chosen))
      err = wrong_pages (fail);
  }
  fclose (s.file);
  return err;
}
