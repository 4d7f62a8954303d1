# The rules against a slow second implementation in Python, which asks policy_driver.
add_executable(policy_driver reference/policy_driver.c)
target_link_libraries(policy_driver PRIVATE room_policy)
add_dependencies(tests policy_driver)
if(NOT OMS_SANITIZE) # most of its time is Python's
    oms_pytest(policy_reference FILES reference
        ENVIRONMENT "POLICY_DRIVER=${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:policy_driver>")
endif()
