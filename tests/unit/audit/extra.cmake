# The second reader shares no code with those who write; its tests hold the two against each other.
target_link_libraries(unit_audit PRIVATE quittance_detect quittance_checkout)
