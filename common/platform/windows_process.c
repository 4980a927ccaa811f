/* Clocks, stopping and the process itself on Windows. */
#include "common/platform/platform.h"

#include <stdatomic.h>
#include <windows.h>

#include <psapi.h>

/* FILETIME counts 100 ns since 1601. */
#define UNIX_START_MS INT64_C (11644473600000)

wall_t
clock_wall (void)
{
  FILETIME t;
  GetSystemTimePreciseAsFileTime (&t);
  uint64_t ticks = (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;
  return (wall_t){(int64_t)(ticks / 10000) - UNIX_START_MS};
}

mono_t
clock_mono (void)
{
  return (mono_t){(int64_t)GetTickCount64 ()};
}

void
clock_sleep_ms (int64_t ms)
{
  if (ms > 0)
    Sleep (ms > 86400000 ? 86400000 : (DWORD)ms);
}

static atomic_bool requested;

void
stop_request (void)
{
  atomic_store (&requested, true);
}

/* The console's thread: it must not return before the program has ended when the window is closed. */
static BOOL WINAPI
on_console (DWORD event)
{
  stop_request ();
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT)
    Sleep (5000);
  return TRUE;
}

void
stop_install (void)
{
  SetConsoleCtrlHandler (on_console, TRUE);
}

bool
stop_requested (void)
{
  return atomic_load (&requested);
}

int
stop_fd (void)
{
  return -1;
}

void
stop_keep (void)
{
}

/* Events come in a thread of their own: no call is ever interrupted. */
void
signals_hold (void)
{
}

void
signals_release (void)
{
}

uint64_t
process_private_memory (void)
{
  PROCESS_MEMORY_COUNTERS_EX m;
  memset (&m, 0, sizeof m);
  if (!GetProcessMemoryInfo (GetCurrentProcess (), (PROCESS_MEMORY_COUNTERS *)&m, sizeof m))
    return 0;
  return m.PrivateUsage;
}

void
process_raise_limits (void)
{
  /* Windows has no limit of open files worth raising. */
}

void
process_give_memory_back (void)
{
  HeapCompact (GetProcessHeap (), 0);
}
