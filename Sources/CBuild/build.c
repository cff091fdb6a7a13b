#include "build.h"

#ifndef DTRAIN_COMMIT
#define DTRAIN_COMMIT "unknown"
#endif

const char *build_commit(void) { return DTRAIN_COMMIT; }
