#include "common/platform/file_words.h"

#include "common/base/lang.h"

static err_t
set_words (fail_t *fail, file_state_t state, unsigned long code)
{
  switch (state) {
  case FILE_MISSING:
    return fail_set (fail, ERR_NO_FILE,
                     L ("không có tệp này; hãy xem lại tên và thư mục",
                        "there is no such file; check its name and folder"));
  case FILE_FORBIDDEN:
    return fail_set (fail, ERR_NO_FILE,
                     L ("không được phép mở tệp này; hãy xem lại quyền của tệp",
                        "it may not be opened; check its permissions"));
  case FILE_HELD:
    return fail_set (fail, ERR_NO_FILE,
                     L ("không mở được tệp này: không có quyền, hoặc chương trình khác (Excel?) đang mở",
                        "it cannot be opened: no permission, or another program (Excel?) has it open"));
  case FILE_IS_FOLDER:
    return fail_set (fail, ERR_NO_FILE,
                     L ("đây là thư mục, không phải tệp; hãy ghi tên một tệp",
                        "this is a directory, not a file; name a file"));
  case FILE_NO_FOLDER:
    return fail_set (fail, ERR_NO_FILE,
                     L ("không có thư mục để ghi tệp này; hãy tạo thư mục đó hoặc chọn nơi khác",
                        "the directory to write it in does not exist; make it, or choose another"));
  case FILE_DISK_FULL:
    return fail_set (
        fail, ERR_FULL,
        L ("ổ đĩa đã đầy; hãy dọn bớt rồi làm lại", "the disk is full; make room and try again"));
  case FILE_TROUBLE:
    break;
  }
  return fail_set (
      fail, ERR_IO,
      L ("hệ điều hành báo lỗi đọc ghi (mã %lu)", "input or output error of the system (code %lu)"), code);
}

err_t
file_fail (fail_t *fail, const char *path, file_state_t state, unsigned long code)
{
  err_t err = set_words (fail, state, code);
  fail_at (fail, path, 0, 0);
  return err;
}

err_t
file_fail_too_big (fail_t *fail, const char *path, size_t limit)
{
  fail_set (fail, ERR_TOO_BIG,
            L ("tệp lớn hơn giới hạn %u MiB; hãy chia thành nhiều tệp nhỏ hơn",
               "the file is over the limit of %u MiB; split it"),
            limit >> 20 > 0 ? (unsigned)(limit >> 20) : 1u);
  fail_at (fail, path, 0, 0);
  return ERR_TOO_BIG;
}
