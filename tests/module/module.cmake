# The cmdlet library as other languages call it, and the PowerShell module over it. What runs here
# is the module for this system; the one for Windows is made of the same files.
if(NOT WIN32 AND NOT OMS_SANITIZE AND NOT OMS_COVERAGE AND OMS_MCS)
    set(driver ${CMAKE_CURRENT_BINARY_DIR}/module/Driver.exe)
    add_custom_command(OUTPUT ${driver}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/module
        COMMAND ${OMS_MCS} -nologo -warnaserror+ -out:${driver}
            -r:${OMS_MODULE}/OMSGateway.Interop.dll ${CMAKE_CURRENT_SOURCE_DIR}/module/Driver.cs
        DEPENDS module/Driver.cs psmodule VERBATIM)
    add_custom_target(module_driver DEPENDS ${driver})
    add_dependencies(tests module_driver)
    set(module_environment OMSGW=$<TARGET_FILE:omsgw> OMS_MODULE=${OMS_MODULE} DRIVER=${driver}
        MONO_PATH=${OMS_MODULE} OMSGATEWAY_PROGRAM=$<TARGET_FILE:omsgateway>
        PYTHONPATH=${CMAKE_CURRENT_SOURCE_DIR}/e2e)
    oms_pytest(module FILES module/test_module.py ENVIRONMENT ${module_environment})
    oms_pytest(module_powershell FILES module/test_powershell.py
        ENVIRONMENT ${module_environment})
    oms_pytest(module_library FILES module/test_library.py ENVIRONMENT ${module_environment})
endif()
