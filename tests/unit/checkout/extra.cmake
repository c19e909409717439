# Orders are placed with a provider that does as told.
target_link_libraries(unit_checkout PRIVATE quittance_test_shop)
