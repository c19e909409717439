# Pulled lists are also read from the sandbox, in this one process.
target_link_libraries(unit_detect PRIVATE quittance_test_shop quittance_test_street)
target_sources(unit_detect PRIVATE ${CMAKE_CURRENT_LIST_DIR}/sync_fixture.cpp)
