target_compile_definitions(unit_storage PRIVATE
  QUITTANCE_STORAGE_SOURCES="${CMAKE_SOURCE_DIR}/src/storage")
