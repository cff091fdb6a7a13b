// The allocator of a process that ends where the system refuses it memory.
#ifndef DTRAIN_CMEMORY_H
#define DTRAIN_CMEMORY_H

#include <stddef.h>

// Has a function called with the bytes that the main thread was refused, from now on; it must not return. Before, and on
// other threads, the caller gets NULL, as from the C library.
void memory_on_refusal(void (*_Nonnull end)(size_t bytes));

#endif
