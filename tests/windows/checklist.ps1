<#
What only a real Windows Server can show. A person runs it once a release, in an elevated Windows
PowerShell, on a machine without the gateway:

    .\checklist.ps1 -Program C:\OMSGateway\OMSGateway.exe [-Target www.microsoft.com]

OMSGatewayMessages.dll and OMSGateway.man lie beside the program. It installs the service, uses,
kills and removes it; what it can judge it judges, and for the rest it says where to look and asks.
The data folder stays. It knows only what the product promises, nothing of how that is done.
#>
param([Parameter(Mandatory)][string]$Program, [string]$Target = 'www.microsoft.com')
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$Service = 'OMSGatewayService'
$Log = 'OMS Gateway Log'
$Folder = Join-Path ([Environment]::GetFolderPath('CommonApplicationData')) 'OMS Gateway'
$Key = "HKLM:\SYSTEM\CurrentControlSet\Services\$Service"
$Sid = 'S-1-5-80-1904136137-1979377742-768396267-4009604827-1382213832'
$Rights = "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;$Sid)(A;OICI;FA;;;OW)"
$Port = 8080
$script:Wrong = @()

function Confirm-That([string]$What, [scriptblock]$Holds) {
    try { $why = if (& $Holds) { '' } else { 'it does not hold' } } catch { $why = "$_" }
    if ($why) { $script:Wrong += $What }
    Write-Host ('{0,-6} {1} {2}' -f $(if ($why) { 'FAILED' } else { 'ok' }), $What, $why)
}

function Confirm-ByEye([string]$What) {
    Confirm-That $What { (Read-Host "look:  $What [y/n]") -eq 'y' }
}

# What a command of the gateway says; its exit status is checked.
function Invoke-Gateway([string[]]$Words, [int]$Status = 0) {
    $ErrorActionPreference = 'Continue' # what goes to stderr is no exception
    $said = (& $Program @Words 2>&1 | ForEach-Object { "$_" }) -join "`n"
    if ($LASTEXITCODE -ne $Status) { throw "$($Words -join ' '): status $LASTEXITCODE, $said" }
    $said
}

function Get-Status { & $Program status --json | ConvertFrom-Json }

function Wait-Until([int]$Seconds, [scriptblock]$Holds) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Holds)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "not within $Seconds s" }
        Start-Sleep -Milliseconds 200
    }
    $clock.Elapsed.TotalSeconds
}

# The newest events with this id, since this script began.
function Get-Told([int]$Id) {
    @(Get-WinEvent -FilterHashtable @{LogName = $Log; Id = $Id; StartTime = $Began} `
        -ErrorAction SilentlyContinue)
}

function Get-Reply([string]$Head) {
    $client = New-Object Net.Sockets.TcpClient('127.0.0.1', $Port)
    try {
        $stream = $client.GetStream()
        $stream.ReadTimeout = 10000
        $bytes = [Text.Encoding]::ASCII.GetBytes($Head + "`r`n`r`n")
        $stream.Write($bytes, 0, $bytes.Length)
        (New-Object IO.StreamReader($stream)).ReadLine()
    } finally { $client.Close() }
}

function Get-Counted([string]$Counter) {
    (Get-Counter "\OMS Gateway\$Counter").CounterSamples[0].CookedValue
}

function Get-Rights([string]$Path) {
    (Get-Acl $Path).GetSecurityDescriptorSddlForm('Access')
}

# What SetErrorMode set in the process; 2: no dump is written when it crashes.
function Get-ErrorMode([int]$Id) {
    $ntdll = Add-Type -Namespace OMSGateway -Name Ntdll -PassThru -MemberDefinition (
        '[DllImport("ntdll.dll")] public static extern int NtQueryInformationProcess(' +
        'IntPtr process, int what, out int value, int size, IntPtr used);')
    $value = 0
    $status = $ntdll::NtQueryInformationProcess((Get-Process -Id $Id).Handle, 12, [ref]$value, 4,
        [IntPtr]::Zero)
    if ($status -ne 0) { throw "NtQueryInformationProcess: $status" }
    $value
}

# ---- before ----

$me = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw 'run it elevated'
}
if ((Test-Path $Key) -or (Test-Path $Folder)) { throw "the gateway is here already: $Folder" }
$Program = (Resolve-Path $Program).Path
$Began = Get-Date

# ---- a folder that somebody made before us ----

$trap = Join-Path $env:SystemDrive "trap $PID" # what is made there, every user may write to
New-Item -ItemType Directory $trap | Out-Null
Confirm-That 'a data folder that is open to others is refused, and the remedy named' {
    (Invoke-Gateway 'host', 'add', 'a.example.com', '--data', $trap 1) -match
        'open to others.*service install'
}
icacls $trap /setowner '*S-1-5-32-545' | Out-Null
Confirm-That 'a data folder that belongs to Users is refused' {
    (Invoke-Gateway 'service', 'install', '--data', $trap 1) -match 'belongs to another'
}
icacls $trap /setowner '*S-1-5-32-544' | Out-Null
Set-Content (Join-Path $trap 'gateway.db') 'planted'
icacls (Join-Path $trap 'gateway.db') /setowner '*S-1-5-32-545' | Out-Null
Confirm-That 'a file in it that belongs to Users is refused, by its name' {
    (Invoke-Gateway 'service', 'install', '--data', $trap 1) -match 'belongs to another.*gateway.db'
}
Remove-Item (Join-Path $trap 'gateway.db')
Confirm-That 'a junction is refused' {
    cmd /c mklink /J "$trap link" $trap | Out-Null
    $said = Invoke-Gateway 'service', 'install', '--data', "$trap link" 1
    cmd /c rmdir "$trap link"
    $said -match 'or is a link'
}
Confirm-That 'service install shuts it, and the service runs on it' {
    Invoke-Gateway 'service', 'install', '--data', $trap | Out-Null
    Invoke-Gateway 'service', 'start' | Out-Null
    Invoke-Gateway 'service', 'uninstall' | Out-Null
    (Get-Rights $trap) -eq $Rights -and (Get-Acl $trap).Owner -match 'Administrators$'
}
Remove-Item -Recurse $trap

# ---- a program where the service's account may not read ----

$home_program = Join-Path $env:USERPROFILE "OMSGateway $PID"
Copy-Item -Recurse (Split-Path $Program) $home_program
Confirm-That 'a program in a user''s profile: it is said whom it shuts out' {
    $there = Join-Path $home_program (Split-Path -Leaf $Program)
    & $there service install | Out-Null
    (Invoke-Gateway 'service', 'start' 1) -match "service's account may not run the program"
}
Invoke-Gateway 'service', 'uninstall' | Out-Null
Remove-Item -Recurse $home_program

# ---- installed ----

Confirm-That 'this Windows has all that is asked for, and loads the counters' {
    $said = Invoke-Gateway 'service', 'install'
    if ($said -match 'has it not|was not told|without their text') { throw $said }
    $true
}
Confirm-That 'installed once more, over counters that are known' {
    (Invoke-Gateway 'service', 'install') -notmatch 'was not told'
}
$asked = Get-ItemProperty $Key
Confirm-That 'the account is the virtual one' { $asked.ObjectName -eq "NT SERVICE\$Service" }
Confirm-That 'the path is quoted' { $asked.ImagePath.StartsWith("`"$Program`" ") }
Confirm-That 'the service has a SID, and the one that was computed' {
    $name = New-Object Security.Principal.NTAccount("NT SERVICE\$Service")
    $asked.ServiceSidType -eq 1 -and
        $name.Translate([Security.Principal.SecurityIdentifier]).Value -eq $Sid
}
Confirm-That 'it has two privileges' {
    "$($asked.RequiredPrivileges)" -eq 'SeChangeNotifyPrivilege SeCreateGlobalPrivilege'
}
Confirm-That 'it has 30 s at shutdown, and recovery after an error, too' {
    $asked.PreshutdownTimeout -eq 30000 -and $asked.FailureActionsOnNonCrashFailures -eq 1
}
Confirm-That 'the folder has its rights' {
    (Get-Rights $Folder) -eq $Rights
}

# ---- running ----

Confirm-That 'it starts' { [void](Invoke-Gateway 'service', 'start'); $true }
if (Get-Command Get-ProcessMitigation -ErrorAction SilentlyContinue) { # not on 2012 R2 and 2016
    Confirm-That 'it has its mitigations' {
        $has = Get-ProcessMitigation -Id (Get-Status).pid
        "$($has.DynamicCode.BlockDynamicCode) $($has.ExtensionPoint.DisableExtensionPoints) " +
        "$($has.StrictHandle.Enable) $($has.ImageLoad.BlockRemoteImageLoads) " +
        "$($has.ImageLoad.BlockLowLabelImageLoads) $($has.Fonts.DisableNonSystemFonts)" -eq
            'ON ON ON ON ON ON'
    }
}
Confirm-That 'a crash leaves no dump, unless CrashDumps is on' {
    $off = (Get-ErrorMode (Get-Status).pid) -band 2
    foreach ($word in 'on', 'off') {
        Invoke-Gateway 'config', 'set', 'CrashDumps', $word | Out-Null
        Invoke-Gateway 'service', 'stop' | Out-Null
        Invoke-Gateway 'service', 'start' | Out-Null
        if ($word -eq 'on') { $on = (Get-ErrorMode (Get-Status).pid) -band 2 }
    }
    $off -eq 2 -and $on -eq 0
}
Confirm-That 'it runs as the virtual account' {
    $process = Get-CimInstance Win32_Process -Filter "ProcessId=$((Get-Status).pid)"
    $owner = Invoke-CimMethod -InputObject $process -MethodName GetOwnerSid
    $owner.Sid -eq $Sid
}
Confirm-That 'every file of the folder has the rights of the folder alone' {
    -not (Get-ChildItem $Folder | Where-Object {
        (Get-Acl $_.FullName).Access | Where-Object { -not $_.IsInherited } })
}
Confirm-That 'its first event is in the log, with its text' {
    $told = (Get-Told 101)[0]
    $told.ProviderName -eq 'OMS Gateway' -and $told.Message -match "port: $Port"
}
Confirm-That 'a host that is not listed is refused, and told' {
    $reply = Get-Reply "CONNECT other.example:443 HTTP/1.1`r`nHost: other.example:443"
    [void](Wait-Until 10 { Get-Told 105 })
    $reply -match ' 403 ' -and
        (Get-Told 105)[0].Message.StartsWith('Target host (other.example) is forbidden')
}
Confirm-That "Schannel's own hello goes through to $Target" {
    Invoke-Gateway 'host', 'add', $Target | Out-Null
    $head = "CONNECT ${Target}:443 HTTP/1.1`r`nHost: ${Target}:443"
    [void](Wait-Until 10 { (Get-Reply $head) -match ' 200 ' })
    $page = Invoke-WebRequest "https://$Target/" -Proxy "http://127.0.0.1:$Port" -UseBasicParsing
    $page.StatusCode -eq 200
}

# ---- counters ----

foreach ($pair in @(@('Accepted Connections', 'accepted'), @('Granted Requests', 'granted'),
        @('Error Count', 'errors'), @('Rejection Count', 'rejections'))) {
    Confirm-That "Performance Monitor reads $($pair[0])" {
        (Get-Counted $pair[0]) -eq (Get-Status).counters.($pair[1])
    }
}
Confirm-That 'typeperf knows the English path' {
    typeperf -sc 1 '\OMS Gateway\Active Client Connection' | Out-Null
    $LASTEXITCODE -eq 0
}
Confirm-That 'WMI has the set' { [bool](Get-CimClass -ClassName 'Win32_Perf*OMSGateway*') }
Confirm-ByEye 'perfmon shows the set, its counters and their help in the language of this Windows'
Confirm-ByEye 'Event Viewer shows the log under Applications and Services Logs, in that language'

# ---- the access log ----

function Send-Refused([int]$Times) {
    for ($i = 0; $i -lt $Times; $i++) {
        [void](Get-Reply "CONNECT other.example:443 HTTP/1.1`r`nHost: other.example:443")
        Start-Sleep -Milliseconds 500
    }
}

Confirm-That 'a reader that holds the access log costs no old one, and no line' {
    $log = Join-Path $Folder 'access.log'
    foreach ($i in 1..5) { Set-Content "$log.$i" "old $i" }
    $file = [IO.File]::Create($log)
    $file.SetLength(64MB)
    $file.Close()
    $held = [IO.File]::Open($log, 'Open', 'Read', 'ReadWrite') # without FileShare.Delete
    try {
        Invoke-Gateway 'config', 'set', 'AccessLog', $log | Out-Null
        Send-Refused 8
        $grew = $held.Length -gt 64MB
    } finally { $held.Close() }
    Send-Refused 2
    [void](Wait-Until 10 { (Get-Item "$log.1").Length -gt 64MB })
    $grew -and -not (2..5 | Where-Object { (Get-Content "$log.$_") -ne "old $($_ - 1)" })
}
Confirm-That 'an access log of more than 260 characters is written' {
    $deep = Join-Path $Folder (('d' * 100), ('e' * 100), ('f' * 100) -join '\')
    cmd /c mkdir "\\?\$deep"
    Invoke-Gateway 'config', 'set', 'AccessLog', "$deep\access.log" | Out-Null
    Send-Refused 2
    [void](Wait-Until 10 { "$(cmd /c type "\\?\$deep\access.log")" -match '"host":"other' })
    Invoke-Gateway 'config', 'set', 'AccessLog', 'off' | Out-Null
    $true
}

# ---- dying ----

foreach ($most in 5, 10, 60) {
    Confirm-That "killed, it is back after $most s" {
        $old = (Get-Status).pid
        Stop-Process -Id $old -Force
        $took = Wait-Until ($most + 30) {
            $now = Get-Status
            $now.state -eq 'running' -and $now.pid -ne $old
        }
        Write-Host ('       it took {0:n1} s' -f $took)
        [void](Wait-Until 10 { Get-Told 100 | Where-Object { $_.Message -match "\b$old\b" } })
        $true
    }
}
Confirm-That 'a busy port is a failed start with event 401, and mended by itself' {
    Invoke-Gateway 'service', 'stop' | Out-Null
    $thief = New-Object Net.Sockets.TcpListener([Net.IPAddress]::IPv6Any, $Port)
    $thief.Server.DualMode = $true
    $thief.Start()
    try {
        $said = Invoke-Gateway 'service', 'start' 1
        $state = Get-CimInstance Win32_Service -Filter "Name='$Service'"
    } finally { $thief.Stop() }
    [void](Wait-Until 120 { (Get-Status).state -eq 'running' })
    $said -match '401' -and $state.ServiceSpecificExitCode -eq 401 -and [bool](Get-Told 401)
}

# ---- by hand ----

$word = -join [char[]](0x67, 0xF6, 0xDF, 0x416) # this file is ASCII: 5.1 takes it for a code page
Confirm-ByEye "in cmd.exe, with chcp 437 and with 65001: OMSGateway.exe $word shows that word"
Confirm-ByEye 'not elevated, OMSGateway.exe host add a.example.com says: it takes an administrator'
Confirm-ByEye 'relay set URL --username u; this folder copied to another machine: the reason is told'
Confirm-ByEye 'Windows restarts with a tunnel open: event 102 says shutting down, within 30 s'
Confirm-ByEye 'Import-Module OMSGateway in Windows PowerShell: Get-OMSGatewayStatus says running'

# ---- gone ----

Confirm-That 'uninstalled, it leaves its folder and nothing else' {
    Invoke-Gateway 'service', 'uninstall' | Out-Null
    $set = Get-Counter -ListSet 'OMS Gateway' -ErrorAction SilentlyContinue
    $rows = "HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\$Log"
    -not (Test-Path $Key) -and -not $set -and -not (Test-Path $rows) -and (Test-Path $Folder)
}
Write-Host "`n$($script:Wrong.Count) failed"
exit [Math]::Min($script:Wrong.Count, 1)
