target_link_libraries(unit_sandbox PRIVATE quittance_test_world)
target_sources(unit_sandbox PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/bank_fixture.cpp ${CMAKE_CURRENT_LIST_DIR}/rails_fixture.cpp)
