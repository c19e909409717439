# The adapter is also put against the sandbox, in this one process.
target_link_libraries(unit_providers PRIVATE quittance_test_street)
