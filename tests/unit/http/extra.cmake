# A billing page's whole way is tried with the simulator of its provider.
target_link_libraries(unit_http PRIVATE quittance_sandbox)
