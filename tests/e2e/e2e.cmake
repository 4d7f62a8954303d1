# End to end: the real program, natively or under Wine, driven by pytest.
oms_pytest(e2e FILES e2e TIMEOUT 600
    ENVIRONMENT OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>
        OMSGATEWAY_EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR})
