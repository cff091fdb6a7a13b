// Linux calls that Swift's Glibc module does not show, because they want _GNU_SOURCE.
#ifndef DTRAIN_CLINUX_SHIM_H
#define DTRAIN_CLINUX_SHIM_H

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// An anonymous file in memory, closed on exec; -1 and errno on failure.
static inline int linux_memfd_create(const char *_Nonnull name) {
  return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

// Asks for a signal when the parent dies; 0, or -1 and errno. Lasts through exec.
static inline int linux_die_with_parent(int number) { return prctl(PR_SET_PDEATHSIG, number); }

// Writes what is left of standard output; whether anything printed so far was lost. (Swift 6 lets nobody touch the
// variable itself.)
static inline int linux_standard_output_failed(void) { return fflush(stdout) != 0 || ferror(stdout); }

// The flag that gives a process that is started a session of its own.
static const short linux_spawn_setsid = 0x80 /* POSIX_SPAWN_SETSID */;

// A descriptor of a process that becomes readable when it ends, and a signal through it, which no later process with the
// same number can get; -1 and errno on failure.
static inline int linux_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }
static inline int linux_pidfd_send(int handle, int number) {
  return (int)syscall(SYS_pidfd_send_signal, handle, number, NULL, 0);
}

// The bytes of the largest file that another process may write; the largest number for no limit, or where the system does
// not say. (The header of limits is Glibc's own in Swift.)
static inline unsigned long linux_file_size_limit(pid_t process) {
  struct { unsigned long current, maximum; } limit = {~0ul, ~0ul};
  return syscall(SYS_prlimit64, process, 1 /* RLIMIT_FSIZE */, NULL, &limit) == 0 ? limit.current : ~0ul;
}

// The C library's own function behind posix_memalign and its like, which a program may have replaced by others that end
// it where memory is refused; NULL then.
void *_Nullable __libc_memalign(size_t alignment, size_t bytes);

// Tells the processor that this is a spinning wait.
static inline void linux_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
