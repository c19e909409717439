# Pulled lists are also read from the sandbox, in this one process.
target_link_libraries(unit_detect PRIVATE quittance_sandbox)
