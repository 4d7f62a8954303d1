# How long the PowerShell module takes: its import in a fresh PowerShell, and a thousand hosts through
# the pipeline as one change. Medians of five.
#
#     pwsh -NoProfile -File tests/bench/module.ps1 build/native/module/OMSGateway
param([Parameter(Mandatory = $true)][string]$Module)
$ErrorActionPreference = 'Stop'
$program = if ($PSVersionTable.PSEdition -eq 'Core') { 'pwsh' } else { 'powershell' }
$manifest = (Resolve-Path (Join-Path $Module 'OMSGateway.psd1')).Path
$place = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid().ToString('N'))

# A first command of PowerShell's own comes before, so that not PowerShell's start is measured. Beside
# the time that passed stands the processor's, which other programs disturb less.
$once = @"
Import-Module Microsoft.PowerShell.Utility
`$env:OMSGATEWAY_DATA = '$place'
function Measure-Step(`$step) {
    `$me = [Diagnostics.Process]::GetCurrentProcess()
    `$before = `$me.TotalProcessorTime
    `$passed = (Measure-Command `$step).TotalMilliseconds
    `$me.Refresh()
    '{0:f0} {1:f0}' -f `$passed, (`$me.TotalProcessorTime - `$before).TotalMilliseconds
}
`$null = Measure-Step { }
Measure-Step { Import-Module '$manifest' -Global }
Measure-Step { 1..1000 | ForEach-Object { "h`$_.example.com" } | Add-OMSGatewayAllowedHost }
Measure-Step { Get-OMSGatewayAllowedHost | Remove-OMSGatewayAllowedHost }
"@
$runs = @(foreach ($number in 1..5) {
    , @(& $program -NoProfile -NonInteractive -Command $once)
    Remove-Item -Recurse -Force $place
})
$what = 'import', '1,000 hosts added', '1,000 hosts listed and removed'
foreach ($row in 0..2) {
    $passed = @($runs | ForEach-Object { [int]($_[$row] -split ' ')[0] } | Sort-Object)
    $worked = @($runs | ForEach-Object { [int]($_[$row] -split ' ')[1] } | Sort-Object)
    '{0}: {1} ms (from {2} to {3}), {4} ms of a processor' -f $what[$row], $passed[2], $passed[0], $passed[4], $worked[2]
}
