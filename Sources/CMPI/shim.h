// Re-exports the parts of mpi.h that Swift's importer cannot read: handles, reduction operators and
// sentinels are macros with casts, so each becomes an inline getter that Swift sees under its MPI name.
#ifndef DTRAIN_CMPI_SHIM_H
#define DTRAIN_CMPI_SHIM_H

#include <mpi.h>

#define DTRAIN_MPI_CONSTANT(type, name)                                                            \
  static inline __attribute__((always_inline, swift_name("getter:" #name "()")))                   \
  type dtrain_get_##name(void) { return name; }

DTRAIN_MPI_CONSTANT(MPI_Comm, MPI_COMM_WORLD)
DTRAIN_MPI_CONSTANT(MPI_Comm, MPI_COMM_SELF)
DTRAIN_MPI_CONSTANT(MPI_Comm, MPI_COMM_NULL)
DTRAIN_MPI_CONSTANT(MPI_Info, MPI_INFO_NULL)
DTRAIN_MPI_CONSTANT(MPI_Errhandler, MPI_ERRORS_RETURN)

DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_BYTE)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_INT8_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_UINT8_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_INT16_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_UINT16_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_INT32_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_UINT32_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_INT64_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_UINT64_T)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_FLOAT)
DTRAIN_MPI_CONSTANT(MPI_Datatype, MPI_DOUBLE)

DTRAIN_MPI_CONSTANT(MPI_Op, MPI_SUM)
DTRAIN_MPI_CONSTANT(MPI_Op, MPI_PROD)
DTRAIN_MPI_CONSTANT(MPI_Op, MPI_MIN)
DTRAIN_MPI_CONSTANT(MPI_Op, MPI_MAX)
DTRAIN_MPI_CONSTANT(MPI_Op, MPI_BAND)
DTRAIN_MPI_CONSTANT(MPI_Op, MPI_BOR)
DTRAIN_MPI_CONSTANT(MPI_Op, MPI_BXOR)

static inline __attribute__((always_inline, swift_name("getter:MPI_IN_PLACE()")))
const void *_Nonnull dtrain_get_MPI_IN_PLACE(void) { return MPI_IN_PLACE; }

static inline __attribute__((always_inline, swift_name("getter:MPI_STATUS_IGNORE()")))
MPI_Status *_Nullable dtrain_get_MPI_STATUS_IGNORE(void) { return MPI_STATUS_IGNORE; }

#undef DTRAIN_MPI_CONSTANT
#endif
