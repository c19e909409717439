target_compile_definitions(unit_storage PRIVATE
  QUITTANCE_STORAGE_SOURCES="${CMAKE_SOURCE_DIR}/src/storage")
# The disk that loses what was not synced; the simulation's.
target_sources(unit_storage PRIVATE
  ${CMAKE_SOURCE_DIR}/tests/simulation/lossy_disk.cpp
  ${CMAKE_SOURCE_DIR}/tests/simulation/lossy_vfs.cpp)
target_link_libraries(unit_storage PRIVATE quittance_test_books PkgConfig::SQLITE)
