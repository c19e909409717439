# A billing page's whole way is tried with the simulator of its provider.
target_link_libraries(unit_http PRIVATE quittance_test_edge quittance_test_street)
target_sources(unit_http PRIVATE ${CMAKE_CURRENT_LIST_DIR}/clinic.cpp)
