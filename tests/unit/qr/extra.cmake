# Debian's rapidcheck has no CMake package of its own.
target_link_libraries(unit_qr PRIVATE rapidcheck)
