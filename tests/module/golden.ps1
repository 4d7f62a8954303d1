# The golden file of the cmdlets: lines of PowerShell and what each of them says.
# tests/data/golden/cmdlets.txt is a script and its own expected result, to be read by a person:
#
#     == title     what follows runs in a fresh data folder
#     PS> LINE     as typed, in a scope of its own
#     | text       of output: an object as PROPERTY=VALUE, else the text itself; at most 12 lines
#     ~ text       a warning;  + text  a verbose message;  What if: text
#     ! id (category) text -> action       an error
#
# golden.ps1 SCRIPT MODULE prints the whole file anew. Nobody is there to answer: a cmdlet that asks
# fails. Moments are TIME, the user is USER, the data folder is DATA.
param([string]$Script, [string]$Module)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Continue'
[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
$place = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid().ToString('N'))
$null = New-Item -ItemType Directory $place
Set-Location $place
Set-Content hosts.txt @('one.example.com', 'two.example.com')
Set-Content settings.csv @('Name,Value', 'ListenPort,9090', 'IdleTimeout,20m')
$env:SUDO_USER = $null
Import-Module $Module

# Nobody is there to be asked: the examples' Get-Credential is this one.
function global:Get-Credential {
    New-Object pscredential 'user1', (ConvertTo-SecureString 'secret' -AsPlainText -Force)
}

function Get-Shown($Value) {
    if ($Value -is [datetime]) { return 'TIME' }
    if ($Value -is [array]) { return '[' + (@($Value | ForEach-Object { Get-Shown $_ }) -join ', ') + ']' }
    if ($Value -is [Management.Automation.PSCustomObject]) { return (Get-Properties $Value) }
    "$Value"
}

function Get-Properties($Object) {
    @($Object.PSObject.Properties | Where-Object { $null -ne $_.Value } | ForEach-Object { $_.Name + '=' + (Get-Shown $_.Value) }) -join ' '
}

function Get-Line($Said) {
    switch ($Said) {
        { $_ -is [Management.Automation.ErrorRecord] } {
            $action = if ($_.ErrorDetails -and $_.ErrorDetails.RecommendedAction) { " -> $($_.ErrorDetails.RecommendedAction)" } else { '' }
            $text = if ($_.ErrorDetails) { $_.ErrorDetails.Message } else { $_.Exception.Message }
            return "! $($_.FullyQualifiedErrorId) ($($_.CategoryInfo.Category)) $text$action"
        }
        { $_ -is [Management.Automation.WarningRecord] } { return "~ $_" }
        { $_ -is [Management.Automation.VerboseRecord] } { return "+ $_" }
        { $_ -is [Management.Automation.InformationRecord] } { return "| $_" }
        { $_ -is [Management.Automation.PSCustomObject] -and $_.PSObject.TypeNames[0] -eq 'OMSGateway.Setting' } {
            return "| Name=$($_.Name) Value=$($_.Value)"
        }
        { $_ -is [Management.Automation.PSCustomObject] } { return '| ' + (Get-Properties $_) }
        default { return "| $_" }
    }
}

function Write-Line([string]$Text) {
    [Console]::Out.Write("$Text`n")
}

$number = 0
foreach ($line in [IO.File]::ReadAllLines($Script)) {
    if ($line -match '^([|~+!]|What if:)') { continue }
    Write-Line $line
    if ($line.StartsWith('== ')) {
        $number++
        $env:OMSGATEWAY_DATA = Join-Path $place "data$number"
    }
    elseif ($line.StartsWith('PS> ')) {
        try {
            $said = @(& { . ([scriptblock]::Create($line.Substring(4))) } *>&1)
        }
        catch {
            $said = @($_)
        }
        if (@($said | Where-Object { "$_" -like 'Microsoft.PowerShell.Commands.Internal.Format.*' })) {
            $said = @(($said | Out-String -Width 100).Trim() -split "`r?`n")
        }
        $texts = @($said | ForEach-Object { (Get-Line $_) -split "`r?`n" })
        foreach ($text in ($texts | Select-Object -First 12)) {
            Write-Line ($text.Replace($env:OMSGATEWAY_DATA, 'DATA').Replace([Environment]::UserName, 'USER').TrimEnd())
        }
        if ($texts.Count -gt 12) { Write-Line '| ...' }
    }
}
Set-Location /
Remove-Item -Recurse -Force $place
