# News comes out of the funnel; its tests let real settlements make it.
target_link_libraries(unit_notify PRIVATE quittance_detect)
