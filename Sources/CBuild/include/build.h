#pragma once

/// The commit that the program was built from, with `+` behind it where files differed; "unknown" outside of a clone.
const char *_Nonnull build_commit(void);
