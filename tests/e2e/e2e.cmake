# End to end: the real program, natively or under Wine, driven by pytest.
oms_test(e2e COMMAND ${OMS_PYTHON} -B -m pytest -q -p no:cacheprovider
        ${CMAKE_CURRENT_SOURCE_DIR}/e2e
    ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>
        OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}
    TIMEOUT 600)
