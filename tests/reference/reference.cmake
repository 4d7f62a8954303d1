# The rules against a slow second implementation in Python, which asks policy_driver.
add_executable(policy_driver reference/policy_driver.c)
target_link_libraries(policy_driver PRIVATE room_policy)
add_dependencies(tests policy_driver)
oms_test(policy_reference COMMAND ${OMS_PYTHON} -B -m pytest -q -p no:cacheprovider
        ${CMAKE_CURRENT_SOURCE_DIR}/reference
    ENVIRONMENT "POLICY_DRIVER=${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:policy_driver>"
    TIMEOUT 900)
