# News comes out of the funnel; its tests let real settlements make it.
target_link_libraries(unit_notify PRIVATE quittance_test_shop)
target_sources(unit_notify PRIVATE ${CMAKE_CURRENT_LIST_DIR}/post_office.cpp)
