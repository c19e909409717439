# A Secret cannot be shown: each leak must fail to compile, the same file without one must pass.
set(secret_check ${CMAKE_CXX_COMPILER} -std=c++23 -fsyntax-only
  -I${CMAKE_CURRENT_LIST_DIR}/../../../src)
set(secret_source ${CMAKE_CURRENT_LIST_DIR}/secret_in_log_fail.cpp)
add_test(NAME secret_check_compiles COMMAND ${secret_check} ${secret_source})
foreach(leak 1 2 3 4)
  add_test(NAME secret_leak_${leak}_does_not_compile
    COMMAND ${secret_check} -DLEAK=${leak} ${secret_source})
  set_tests_properties(secret_leak_${leak}_does_not_compile PROPERTIES WILL_FAIL TRUE)
endforeach()

# The TLS server that http_client_test.cpp plays needs OpenSSL's own library.
find_package(OpenSSL REQUIRED)
target_link_libraries(unit_base PRIVATE OpenSSL::SSL)
target_sources(unit_base PRIVATE ${CMAKE_CURRENT_LIST_DIR}/test_server.cpp)
