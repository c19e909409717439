# The adapter is also put against the sandbox, in this one process.
target_link_libraries(unit_providers PRIVATE quittance_test_street)
target_sources(unit_providers PRIVATE ${CMAKE_CURRENT_LIST_DIR}/published_exchanges.cpp)
