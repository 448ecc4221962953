# cmake -DSOURCE=<root> -DHEADER=<file> -P commit.cmake: defines PAXOSCOPE_COMMIT, "unknown" outside a git checkout.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define PAXOSCOPE_COMMIT \"@commit@\"\n" @ONLY)
