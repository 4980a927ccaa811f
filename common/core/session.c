#include "common/core/session.h"

#include "common/base/lang.h"

static const struct {
  const char *wire, *vi, *en;
  session_retry_t retry;
} reasons[] = {
#define X(name, wire, retry, vi, en) [name] = {wire, vi, en, RETRY_##retry},
#include "common/core/sessions.def"
#undef X
};
_Static_assert(sizeof reasons / sizeof *reasons == SESSION_REASON_COUNT, "a row for each reason");

const char *
session_reason_name (session_reason_t r)
{
  CHECK (r < SESSION_REASON_COUNT);
  return reasons[r].wire;
}

session_reason_t
session_reason_of_name (str_t wire_name)
{
  if (str_blank (wire_name))
    return SESSION_REASON_COUNT;
  for (session_reason_t r = SESSION_OK; r < SESSION_REASON_COUNT; r++)
    if (str_is (wire_name, reasons[r].wire))
      return r;
  return SESSION_REASON_COUNT;
}

const char *
session_reason_words (session_reason_t r)
{
  CHECK (r < SESSION_REASON_COUNT);
  return L (reasons[r].vi, reasons[r].en);
}

session_retry_t
session_reason_retry (session_reason_t r)
{
  CHECK (r < SESSION_REASON_COUNT);
  return reasons[r].retry;
}
