// Most memory is asked for where no error can be thrown: by Swift's arrays, by MPI, by OpenBLAS. All of them call the
// functions below, which stand before the C library's own and differ from these where memory is refused, alone.
#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void (*refused)(size_t bytes) = NULL;

void memory_on_refusal(void (*end)(size_t bytes)) { refused = end; }

// Sanitizers bring an allocator of their own.
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

// The C library's own functions, by the names that stay.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void *checked(void *memory, size_t bytes) {
  // Other threads are those of libraries, which may do with less.
  if (memory == NULL && bytes != 0 && refused != NULL && syscall(SYS_gettid) == getpid())
    refused(bytes);
  return memory;
}

void *malloc(size_t size) { return checked(__libc_malloc(size), size); }

void *calloc(size_t count, size_t size) {
  // A product that overflows is refused as well, and told as the largest number.
  size_t bytes = size != 0 && count > (size_t)-1 / size ? (size_t)-1 : count * size;
  return checked(__libc_calloc(count, size), bytes);
}

void *realloc(void *memory, size_t size) { return checked(__libc_realloc(memory, size), size); }

void *memalign(size_t alignment, size_t size) {
  return checked(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *found = memalign(alignment, size);
  if (found == NULL && size != 0) return ENOMEM;
  *memory = found;
  return 0;
}

#endif
