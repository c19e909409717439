# Debian's rapidcheck has no CMake package of its own.
target_link_libraries(unit_core PRIVATE rapidcheck)
target_compile_definitions(unit_core PRIVATE
  QUITTANCE_SETTLEMENT_TABLE="${CMAKE_SOURCE_DIR}/src/core/settlement.txt")
