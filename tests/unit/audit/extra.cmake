# The second reader shares no code with those who write; its tests hold the two against each other.
target_link_libraries(unit_audit PRIVATE quittance_test_shop quittance_checkout)
target_sources(unit_audit PRIVATE ${CMAKE_CURRENT_LIST_DIR}/market.cpp)
