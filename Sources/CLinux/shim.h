// Linux calls that Swift's Glibc module does not show, because they want _GNU_SOURCE.
#ifndef DTRAIN_CLINUX_SHIM_H
#define DTRAIN_CLINUX_SHIM_H

#include <sys/syscall.h>
#include <unistd.h>

// An anonymous file in memory, closed on exec; -1 and errno on failure.
static inline int linux_memfd_create(const char *_Nonnull name) {
  return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

// Tells the processor that this is a spinning wait.
static inline void linux_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
