# The cmdlets of OMS Gateway: parameters in, objects and errors out. What a value means, what is
# refused and what every sentence says is the business of the cmdlet library beside this file; here
# nothing is judged. Windows PowerShell 5.1 and PowerShell 7 run the same text.
Set-StrictMode -Version 2.0

# An import reads all of this and runs nothing that can wait: tables stand where they are used, and
# the library is loaded by the first cmdlet that asks it.
$Library = $null
$Hosts = 0
$Certificates = 1

# The login that a URL may have, which no message repeats: before the last @ stands a password; what
# stays is '$1'. A function here would take as long for a thousand hosts as all else that is done.
$UrlLogin = '(?is)^(https?://|).*@'

# ---- what all cmdlets share ----

# The class of the interop assembly, whose calls are those of the library.
function Get-Library {
    if ($null -ne $script:Library) { return $script:Library }
    if ([System.IntPtr]::Size -lt 8) {
        throw ('The OMSGateway module needs a 64-bit PowerShell, and this one has 32 bits. Start the ' +
            'other one: "Windows PowerShell", not "Windows PowerShell (x86)".')
    }
    $repair = 'Repair the installation of OMS Gateway.'
    $assembly = [System.IO.Path]::Combine($PSScriptRoot, 'OMSGateway.Interop.dll')
    if (-not [System.IO.File]::Exists($assembly)) {
        throw "OMSGateway.Interop.dll is not in $PSScriptRoot. $repair"
    }
    try {
        $class = [System.Reflection.Assembly]::LoadFrom($assembly).GetType('OMSGateway.Library')
        $null = $class::Version()
        $script:Library = $class
    }
    catch {
        $cause = $_.Exception
        while ($cause.InnerException) { $cause = $cause.InnerException }
        if ($cause -is [System.BadImageFormatException]) {
            throw ("The library in $PSScriptRoot is made for another kind of processor than this " +
                'PowerShell. Start a PowerShell for x64.')
        }
        throw ("The library of the OMSGateway module (omsgw.dll or libomsgw.so) cannot be loaded from " +
            "$PSScriptRoot. $repair $($cause.Message)")
    }
    $script:Library
}

# A text for the library, where an empty one means that none is given.
function ConvertTo-Given([string]$Text) {
    if ($Text) { $Text } else { [NullString]::Value }
}

# The data folder that is meant: PowerShell's environment is not always the process's.
function Get-DataFolder {
    ConvertTo-Given $env:OMSGATEWAY_DATA
}

# "host add a b" as "Add-OMSGatewayAllowedHost a, b"; what has no cmdlet stays as it is.
function ConvertTo-CmdletText([string]$Command) {
    # How a command of the command line is said here.
    $commands = @(
        @('config get', 'Get-OMSGatewayConfig'), @('config set', 'Set-OMSGatewayConfig'),
        @('config reset', 'Reset-OMSGatewayConfig'), @('config history', 'Get-OMSGatewayHistory'),
        @('relay get', 'Get-OMSGatewayRelayProxy'),
        @('relay set', 'Set-OMSGatewayRelayProxy -Address'),
        @('relay clear', "Set-OMSGatewayRelayProxy -Address ''"),
        @('host list', 'Get-OMSGatewayAllowedHost'), @('host add', 'Add-OMSGatewayAllowedHost'),
        @('host remove', 'Remove-OMSGatewayAllowedHost'),
        @('certificate list', 'Get-OMSGatewayAllowedClientCertificate'),
        @('certificate add', 'Add-OMSGatewayAllowedClientCertificate'),
        @('certificate remove', 'Remove-OMSGatewayAllowedClientCertificate'),
        @('check', 'Test-OMSGatewayAccess'), @('status', 'Get-OMSGatewayStatus')
    )
    $between = ''
    $parts = foreach ($one in ($Command -split ' (and|or): omsgateway ')) {
        if ($one -eq 'and') { $between = '; '; continue }
        if ($one -eq 'or') { $between = ' or: '; continue }
        $text = "omsgateway $one"
        foreach ($pair in $commands) {
            if ($one -eq $pair[0] -or $one.StartsWith($pair[0] + ' ')) {
                $text = $pair[1] + (ConvertTo-ArgumentText $pair[0] $one.Substring($pair[0].Length))
                break
            }
        }
        $between + $text
    }
    -join $parts
}

# Options get one dash and a capital, several values of a list a comma.
function ConvertTo-ArgumentText([string]$Command, [string]$Arguments) {
    $text = ''
    $value = $false
    foreach ($match in [regex]::Matches($Arguments, '"[^"]*"|\S+')) {
        $word = $match.Value
        $option = $word.StartsWith('--')
        if ($option) {
            $word = '-' + $word.Substring(2, 1).ToUpperInvariant() + $word.Substring(3)
        }
        $between = if ($value -and -not $option -and $Command -match ' (add|remove|reset)$') { ', ' } else { ' ' }
        $text += $between + $word
        $value = -not $option
    }
    $text.Replace(' -Username NAME', ' -Credential (Get-Credential)')
}

function New-GatewayError([string]$Id, [string]$Sentence, [string]$Action, [int]$Code, $Target, [string]$How = 'right would be') {
    # What a code of the library is to PowerShell; 0 and 1 are no errors.
    $categories = @{
        2 = 'InvalidArgument'; 3 = 'ObjectNotFound'; 4 = 'PermissionDenied'; 5 = 'ResourceBusy'
        6 = 'InvalidData'; 7 = 'ResourceUnavailable'; 8 = 'NotSpecified'; 9 = 'ResourceUnavailable'
        10 = 'InvalidOperation'
    }
    $message = $Sentence
    if ($Action) { $message += "; ${How}: $Action" }
    $record = New-Object System.Management.Automation.ErrorRecord (
        (New-Object System.InvalidOperationException $message), "OMSGateway.$Id",
        $categories[$Code], $Target)
    if ($Action -and $How -ne 'right would be') { $Action = "${How}: $Action" }
    # PowerShell 7 shows the recommendation itself.
    $shown = if ($PSVersionTable.PSVersion.Major -ge 7) { $Sentence } else { $message }
    $record.ErrorDetails = New-Object System.Management.Automation.ErrorDetails $shown
    $record.ErrorDetails.RecommendedAction = $Action
    $record
}

# What the library answered: its sentences go to the streams they belong to, its result comes back.
function Receive-Answer {
    param($Cmdlet, $Answer, $Target)
    if ($null -eq $Answer.Json) {
        $Cmdlet.WriteError((New-GatewayError 'MEMORY' 'no memory is left, or the library was called wrongly' '' $Answer.Code $Target))
        return
    }
    $said = ConvertFrom-Json -InputObject $Answer.Json
    foreach ($note in $said.notes) { $Cmdlet.WriteVerbose($note) }
    foreach ($warning in $said.warnings) { $Cmdlet.WriteWarning($warning) }
    if ($null -ne $said.error) {
        $action = ''
        $how = 'right would be'
        if ($said.error.action) {
            $action = ConvertTo-CmdletText $said.error.action
            $how = $said.error.how
        }
        elseif ($Answer.Code -eq 4) { $action = Get-ElevationText }
        $Cmdlet.WriteError((New-GatewayError $said.error.id $said.error.sentence $action $Answer.Code $Target $how))
        return
    }
    if ($null -ne $said.result) { $said.result }
}

function Get-ElevationText([string]$Sid) {
    if ([System.IO.Path]::DirectorySeparatorChar -ne '\' -and -not $Sid) { return 'start pwsh with sudo' }
    if (-not $Sid) { $Sid = [System.Security.Principal.WindowsIdentity]::GetCurrent().User.Value }
    if ($Sid -match '^S-1-5-(19|20|80-.*|82-.*)$') {
        return 'use the account of an administrator: this is the account of a service, which cannot be elevated'
    }
    'start PowerShell with "Run as administrator"'
}

function ConvertTo-Moment($Value) {
    if ($Value -is [datetime]) { return $Value.ToLocalTime() }
    [datetime]::Parse($Value, [cultureinfo]::InvariantCulture).ToLocalTime()
}

# -Force asks nobody, unless -Confirm is there as well.
function Get-Preference($Cmdlet, $Bound, [string]$Now) {
    if ($Bound.ContainsKey('Force') -and $Bound['Force'] -and -not $Bound.ContainsKey('Confirm')) { 'None' } else { $Now }
}

function Get-Rule($Cmdlet, [int]$Kind, [string]$Type, [string]$Property, [bool]$All) {
    # Where a text is wanted, an entry of a list is what is listed.
    $text = [System.Management.Automation.PSScriptMethod]::new('ToString', { @($this.PSObject.Properties)[0].Value })
    $answer = (Get-Library)::List((Get-DataFolder), $Kind, $All)
    foreach ($row in (Receive-Answer $Cmdlet $answer $null)) {
        if ($null -eq $row) { continue }
        $rule = [pscustomobject]@{
            PSTypeName = "OMSGateway.$Type"
            $Property = $row.value; Origin = $row.origin; Comment = $row.comment
        }
        $rule.PSObject.Methods.Add($text)
        $rule
    }
}

# What was confirmed, as one change.
function Add-Rule($Cmdlet, [int]$Kind, $Values, $Bound) {
    if ($Values.Count -eq 0) { return }
    $why = if ($Bound.ContainsKey('Comment')) { $Bound['Comment'] } else { [NullString]::Value }
    $answer = (Get-Library)::Add((Get-DataFolder), $Kind, $Values.ToArray(), $why)
    Receive-Answer $Cmdlet $answer (Get-RuleTarget $Kind $Values[0])
}

function Remove-Rule($Cmdlet, [int]$Kind, $Values) {
    if ($Values.Count -eq 0) { return }
    $answer = (Get-Library)::Remove((Get-DataFolder), $Kind, $Values.ToArray())
    Receive-Answer $Cmdlet $answer (Get-RuleTarget $Kind $Values[0])
}

# An @ in a subject is part of an address of mail.
function Get-RuleTarget([int]$Kind, [string]$Value) {
    if ($Kind -eq $Hosts) { $Value -replace $UrlLogin, '$1' } else { $Value }
}

# ---- settings ----

function Get-OMSGatewayConfig {
    <#
    .SYNOPSIS
    Gets the settings of OMS Gateway.
    .DESCRIPTION
    Gets one setting, or all of them, with their values. Each is an object with Name, Value, Default,
    Accepted (what may be set), Restart (whether a change acts after the next start only) and
    Description; Format-List shows all of it.
    .PARAMETER Name
    The name of the setting, in any case of letters. Without it all settings are given.
    .EXAMPLE
    Get-OMSGatewayConfig

    Gets all settings.
    .EXAMPLE
    Get-OMSGatewayConfig -Name ListenPort

    Gets the port on which clients are accepted.
    .EXAMPLE
    Get-OMSGatewayConfig IdleTimeout | Format-List

    Says what the setting means, what it accepts and what its default is.
    .EXAMPLE
    Get-OMSGatewayConfig | Where-Object { $_.Value -ne $_.Default }

    Gets what was changed.
    .INPUTS
    System.String: names.
    .OUTPUTS
    OMSGateway.Setting
    .LINK
    Set-OMSGatewayConfig
    .LINK
    about_OMSGateway
    #>
    [CmdletBinding()]
    [OutputType('OMSGateway.Setting')]
    param(
        [Parameter(Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Key')]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-SettingName @args })]
        [string[]]$Name
    )
    process {
        foreach ($one in $(if ($Name) { $Name } else { '' })) {
            $answer = (Get-Library)::GetConfig((Get-DataFolder), (ConvertTo-Given $one))
            foreach ($row in (Receive-Answer $PSCmdlet $answer $one)) {
                [pscustomobject]@{
                    PSTypeName = 'OMSGateway.Setting'
                    Name = $row.name; Value = $row.value; Default = $row.default
                    Accepted = $row.accepted; Restart = $row.restart; Description = $row.description
                }
            }
        }
    }
}

function Set-OMSGatewayConfig {
    <#
    .SYNOPSIS
    Changes settings of OMS Gateway.
    .DESCRIPTION
    Changes a setting; several that come through the pipeline are one change, all of them or none. A
    gateway that runs follows within seconds, and no connection is lost; a setting that acts after
    the next start only is said in a warning.
    .PARAMETER Name
    The name of the setting, in any case of letters.
    .PARAMETER Value
    The new value: a text, a number, or several of them where the setting is a list. Times may have a
    unit, ms, s, m or h.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be changed, and changes nothing.
    .PARAMETER Confirm
    Asks before each setting.
    .EXAMPLE
    Set-OMSGatewayConfig -Name ListenPort -Value 8080

    Moves the gateway to port 8080.
    .EXAMPLE
    Set-OMSGatewayConfig AllowedPorts 443, 8443 -Force

    Lets clients ask for two ports.
    .EXAMPLE
    Import-Csv settings.csv | Set-OMSGatewayConfig

    Takes names and values from a file with the columns Name and Value, as one change.
    .INPUTS
    Objects with the properties Name and Value, such as those of Get-OMSGatewayConfig.
    .OUTPUTS
    None
    .LINK
    Get-OMSGatewayConfig
    .LINK
    Reset-OMSGatewayConfig
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)]
        [Alias('Key')]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-SettingName @args })]
        [string]$Name,

        [Parameter(Mandatory = $true, Position = 1, ValueFromPipelineByPropertyName = $true)]
        [AllowEmptyString()]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-SettingValue @args })]
        [object]$Value,

        [switch]$Force
    )
    begin {
        $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
        $pairs = New-Object System.Collections.Generic.List[string]
    }
    process {
        $text = @($Value | ForEach-Object { [string]::Format([cultureinfo]::InvariantCulture, '{0}', $_) }) -join ','
        if ($PSCmdlet.ShouldProcess($Name, "Set to $text")) {
            $pairs.Add($Name)
            $pairs.Add($text)
        }
    }
    end {
        if ($pairs.Count -gt 0) {
            Receive-Answer $PSCmdlet ((Get-Library)::SetConfig((Get-DataFolder), $pairs.ToArray())) $pairs[0]
        }
    }
}

function Reset-OMSGatewayConfig {
    <#
    .SYNOPSIS
    Gives settings of OMS Gateway their defaults again.
    .DESCRIPTION
    Gives settings their defaults again; several are one change, all of them or none. A stored
    setting that this version does not know can be reset as well.
    .PARAMETER Name
    The names of the settings, in any case of letters.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be reset, and changes nothing.
    .PARAMETER Confirm
    Asks before each setting.
    .EXAMPLE
    Reset-OMSGatewayConfig -Name ListenPort

    Goes back to port 8080.
    .EXAMPLE
    Get-OMSGatewayConfig | Where-Object { $_.Value -ne $_.Default } | Reset-OMSGatewayConfig -WhatIf

    Says which settings have no default now.
    .INPUTS
    System.String: names; or objects with the property Name.
    .OUTPUTS
    None
    .LINK
    Set-OMSGatewayConfig
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Key')]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-SettingName @args })]
        [string[]]$Name,

        [switch]$Force
    )
    begin {
        $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
        $names = New-Object System.Collections.Generic.List[string]
    }
    process {
        foreach ($one in $Name) {
            if ($PSCmdlet.ShouldProcess($one, 'Give its default')) { $names.Add($one) }
        }
    }
    end {
        if ($names.Count -gt 0) {
            Receive-Answer $PSCmdlet ((Get-Library)::ResetConfig((Get-DataFolder), $names.ToArray())) $names[0]
        }
    }
}

# ---- relay proxy ----

function Get-OMSGatewayRelayProxy {
    <#
    .SYNOPSIS
    Gets the address of the relay proxy.
    .DESCRIPTION
    Gets the address of the proxy through which the gateway reaches the internet; nothing where none
    is set. User name and password are never given; the text has a property Login that says whether
    there are any.
    .EXAMPLE
    Get-OMSGatewayRelayProxy

    Gets the address, such as http://www.myproxy.com:8080.
    .EXAMPLE
    (Get-OMSGatewayRelayProxy).Login

    Says whether a user name and a password are stored.
    .INPUTS
    None
    .OUTPUTS
    System.String
    .LINK
    Set-OMSGatewayRelayProxy
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param()
    $relay = Receive-Answer $PSCmdlet ((Get-Library)::GetRelay((Get-DataFolder))) $null
    if ($null -ne $relay -and $null -ne $relay.url) {
        $relay.url | Add-Member -MemberType NoteProperty -Name Login -Value $relay.login -PassThru
    }
}

function Set-OMSGatewayRelayProxy {
    <#
    .SYNOPSIS
    Sets or clears the relay proxy.
    .DESCRIPTION
    Sets the proxy through which the gateway reaches the internet, with or without a user name and a
    password. An empty address clears it, its login too: targets are reached directly again. The
    password is sealed for this machine and never shown.
    .PARAMETER Address
    The address of the proxy, http://host:port; '' clears it.
    .PARAMETER Username
    The user name that the proxy asks for.
    .PARAMETER Password
    The password: a SecureString. A plain text is taken as well, with a warning, since it stays in
    the history of the console.
    .PARAMETER Credential
    User name and password in one, from Get-Credential.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be set, and changes nothing.
    .PARAMETER Confirm
    Asks before the change.
    .EXAMPLE
    Set-OMSGatewayRelayProxy -Address http://www.myproxy.com:8080

    Sets a proxy that asks for no login.
    .EXAMPLE
    Set-OMSGatewayRelayProxy -Address http://www.myproxy.com:8080 -Username user1 -Password 123

    Sets a proxy with its login, in plain text.
    .EXAMPLE
    Set-OMSGatewayRelayProxy -Address http://www.myproxy.com:8080 -Credential (Get-Credential)

    Asks for the login, so that it is on no screen.
    .EXAMPLE
    Set-OMSGatewayRelayProxy -Address ""

    Clears the proxy and its login.
    .INPUTS
    None
    .OUTPUTS
    None
    .LINK
    Get-OMSGatewayRelayProxy
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Login')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [AllowEmptyString()]
        [string]$Address,

        [Parameter(ParameterSetName = 'Login')]
        [string]$Username,

        [Parameter(ParameterSetName = 'Login')]
        [object]$Password,

        [Parameter(ParameterSetName = 'Credential', Mandatory = $true)]
        [System.Management.Automation.PSCredential]
        [System.Management.Automation.Credential()]
        $Credential,

        [switch]$Force
    )
    $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
    if ($Address -eq '') {
        if ($PSCmdlet.ShouldProcess('relay proxy', 'Clear')) {
            Receive-Answer $PSCmdlet ((Get-Library)::ClearRelay((Get-DataFolder))) $Address
        }
        return
    }
    if ($Password -is [securestring]) {
        $Credential = New-Object System.Management.Automation.PSCredential 'x', $Password
    }
    elseif ($null -ne $Password) {
        $PSCmdlet.WriteWarning('the password was given as plain text, which stays in the history of this console; better is -Credential (Get-Credential), or a SecureString')
    }
    $shown = $Address -replace $UrlLogin, '$1'
    $login = $Username
    $secret = $null
    if ($null -ne $Credential) { $secret = $Credential.GetNetworkCredential().Password }
    elseif ($null -ne $Password) { $secret = [string]$Password }
    if ($PSCmdlet.ParameterSetName -eq 'Credential') { $login = $Credential.UserName }
    if ([bool]$login -ne ($null -ne $secret)) {
        $PSCmdlet.WriteError((New-GatewayError 'RELAY_LOGIN_HALF' 'user name and password go together: one of them is missing' "Set-OMSGatewayRelayProxy -Address $shown -Credential (Get-Credential)" 2 $shown))
        return
    }
    if ($PSCmdlet.ShouldProcess($shown, 'Set as relay proxy')) {
        if (-not $login) { $secret = [NullString]::Value }
        Receive-Answer $PSCmdlet ((Get-Library)::SetRelay((Get-DataFolder), $Address, (ConvertTo-Given $login), $secret)) $shown
    }
}

# ---- hosts ----

function Get-OMSGatewayAllowedHost {
    <#
    .SYNOPSIS
    Gets the hosts that clients may reach.
    .DESCRIPTION
    Gets the hosts that were allowed by hand. With -All those of every origin, which says where each
    comes from: local, automatic, hostset or download.
    .PARAMETER All
    With those that were not added by hand.
    .EXAMPLE
    Get-OMSGatewayAllowedHost

    Gets the hosts that were added by hand.
    .EXAMPLE
    Get-OMSGatewayAllowedHost -All | Group-Object Origin

    Counts the hosts of each origin.
    .EXAMPLE
    Get-OMSGatewayAllowedHost | Where-Object { $_.HostName -like '*.old.example.com' } | Remove-OMSGatewayAllowedHost

    Removes what is not needed any more.
    .INPUTS
    None
    .OUTPUTS
    OMSGateway.AllowedHost
    .LINK
    Add-OMSGatewayAllowedHost
    .LINK
    Remove-OMSGatewayAllowedHost
    #>
    [CmdletBinding()]
    [OutputType('OMSGateway.AllowedHost')]
    param([switch]$All)
    Get-Rule $PSCmdlet $Hosts 'AllowedHost' 'HostName' $All
}

function Add-OMSGatewayAllowedHost {
    <#
    .SYNOPSIS
    Allows hosts.
    .DESCRIPTION
    Allows clients to reach hosts. Several in one call, or through the pipeline, are one change: all
    of them or none. What is on the list already is no error; -Verbose says it.
    .PARAMETER HostName
    The hosts: a name, *.example.com for every name below example.com, or an IP address. Neither a
    URL nor a port. -Host is the same.
    .PARAMETER Comment
    Why they are listed, kept beside them.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be allowed, and changes nothing.
    .PARAMETER Confirm
    Asks before each host.
    .EXAMPLE
    Add-OMSGatewayAllowedHost -Host www.test.com

    Allows one host.
    .EXAMPLE
    Add-OMSGatewayAllowedHost we-jobruntimedata-prod-su1.azure-automation.net

    The same by position.
    .EXAMPLE
    Add-OMSGatewayAllowedHost a.example.com, *.b.example.com -Comment 'change 4711' -Force

    Allows several with a remark, and asks nobody.
    .EXAMPLE
    Get-Content hosts.txt | Add-OMSGatewayAllowedHost

    Allows every host of a file, one a line, as one change.
    .INPUTS
    System.String: hosts; or objects with the property HostName.
    .OUTPUTS
    None
    .LINK
    Test-OMSGatewayAccess
    .LINK
    Remove-OMSGatewayAllowedHost
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Host')]
        [string[]]$HostName,

        [string]$Comment,

        [switch]$Force
    )
    begin {
        $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
        $values = New-Object System.Collections.Generic.List[string]
    }
    process {
        foreach ($one in $HostName) {
            if ($PSCmdlet.ShouldProcess(($one -replace $UrlLogin, '$1'), 'Allow host')) { $values.Add($one) }
        }
    }
    end { Add-Rule $PSCmdlet $Hosts $values $PSBoundParameters }
}

function Remove-OMSGatewayAllowedHost {
    <#
    .SYNOPSIS
    Takes hosts off the list of those that clients may reach.
    .DESCRIPTION
    Takes hosts off the list; several in one call, or through the pipeline, are one change: all of
    them or none. A host that is not listed is an error, which says what is near it. What happens to
    open connections is the setting OnRemove.
    .PARAMETER HostName
    The hosts as they are listed. -Host is the same.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be removed, and changes nothing.
    .PARAMETER Confirm
    Asks before each host.
    .EXAMPLE
    Remove-OMSGatewayAllowedHost -Host www.test.com

    Removes one host.
    .EXAMPLE
    Get-OMSGatewayAllowedHost | Remove-OMSGatewayAllowedHost -WhatIf

    Says what would be removed if everything were.
    .INPUTS
    System.String: hosts; or objects with the property HostName.
    .OUTPUTS
    None
    .LINK
    Get-OMSGatewayAllowedHost
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Host')]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-Host @args })]
        [string[]]$HostName,

        [switch]$Force
    )
    begin {
        $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
        $values = New-Object System.Collections.Generic.List[string]
    }
    process {
        foreach ($one in $HostName) {
            if ($PSCmdlet.ShouldProcess(($one -replace $UrlLogin, '$1'), 'Remove host')) { $values.Add($one) }
        }
    }
    end { Remove-Rule $PSCmdlet $Hosts $values }
}

# ---- client certificates ----

function Get-OMSGatewayAllowedClientCertificate {
    <#
    .SYNOPSIS
    Gets the subjects of client certificates that are allowed.
    .DESCRIPTION
    Gets the subjects that were allowed by hand. With -All those of every origin.
    .PARAMETER All
    With those that were not added by hand.
    .EXAMPLE
    Get-OMSGatewayAllowedClientCertificate

    Gets the subjects that were added by hand.
    .EXAMPLE
    Get-OMSGatewayAllowedClientCertificate -All | Format-List

    Gets all of them, with origin and comment in full.
    .INPUTS
    None
    .OUTPUTS
    OMSGateway.AllowedClientCertificate
    .LINK
    Add-OMSGatewayAllowedClientCertificate
    #>
    [CmdletBinding()]
    [OutputType('OMSGateway.AllowedClientCertificate')]
    param([switch]$All)
    Get-Rule $PSCmdlet $Certificates 'AllowedClientCertificate' 'Subject' $All
}

function Add-OMSGatewayAllowedClientCertificate {
    <#
    .SYNOPSIS
    Allows client certificates by their subject.
    .DESCRIPTION
    Allows client certificates; several subjects in one call, or through the pipeline, are one
    change: all of them or none. TLS 1.3 encrypts a client's certificate; a warning says so while it
    is allowed.
    .PARAMETER Subject
    The subjects: mycert for any certificate with that CN, or pairs that must all be there, in any
    order, as in CN=mycert,O=Contoso.
    .PARAMETER Comment
    Why they are listed, kept beside them.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be allowed, and changes nothing.
    .PARAMETER Confirm
    Asks before each subject.
    .EXAMPLE
    Add-OMSGatewayAllowedClientCertificate -Subject mycert

    Allows every certificate that has the CN mycert.
    .EXAMPLE
    Add-OMSGatewayAllowedClientCertificate 'CN=mycert,O=Contoso\, Inc.' -Comment 'test lab' -Force

    Allows by two attributes; a comma inside a value has a backslash.
    .INPUTS
    System.String: subjects; or objects with the property Subject, such as certificates.
    .OUTPUTS
    None
    .LINK
    Remove-OMSGatewayAllowedClientCertificate
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string[]]$Subject,

        [string]$Comment,

        [switch]$Force
    )
    begin {
        $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
        $values = New-Object System.Collections.Generic.List[string]
    }
    process {
        foreach ($one in $Subject) {
            if ($PSCmdlet.ShouldProcess($one, 'Allow client certificate')) { $values.Add($one) }
        }
    }
    end { Add-Rule $PSCmdlet $Certificates $values $PSBoundParameters }
}

function Remove-OMSGatewayAllowedClientCertificate {
    <#
    .SYNOPSIS
    Takes subjects of client certificates off the list.
    .DESCRIPTION
    Takes subjects off the list; several in one call, or through the pipeline, are one change: all of
    them or none. A subject that is not listed is an error, which says what is near it.
    .PARAMETER Subject
    The subjects as they are listed.
    .PARAMETER Force
    Asks for no confirmation, whatever $ConfirmPreference says.
    .PARAMETER WhatIf
    Says what would be removed, and changes nothing.
    .PARAMETER Confirm
    Asks before each subject.
    .EXAMPLE
    Remove-OMSGatewayAllowedClientCertificate -Subject mycert

    Removes one subject.
    .EXAMPLE
    Get-OMSGatewayAllowedClientCertificate | Remove-OMSGatewayAllowedClientCertificate -WhatIf

    Says what would be removed if everything were.
    .INPUTS
    System.String: subjects; or objects with the property Subject.
    .OUTPUTS
    None
    .LINK
    Get-OMSGatewayAllowedClientCertificate
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-Subject @args })]
        [string[]]$Subject,

        [switch]$Force
    )
    begin {
        $ConfirmPreference = Get-Preference $PSCmdlet $PSBoundParameters $ConfirmPreference
        $values = New-Object System.Collections.Generic.List[string]
    }
    process {
        foreach ($one in $Subject) {
            if ($PSCmdlet.ShouldProcess($one, 'Remove client certificate')) { $values.Add($one) }
        }
    }
    end { Remove-Rule $PSCmdlet $Certificates $values }
}

# ---- decisions, history, state ----

function Test-OMSGatewayAccess {
    <#
    .SYNOPSIS
    Says whether a client may reach a host, and by which rule.
    .DESCRIPTION
    Asks the rules about a host, without connecting to it: allowed or refused, by which rule, why,
    and the cmdlet that would allow it. Addresses are judged when -ResolveNow asks for them.
    .PARAMETER HostName
    The hosts, or host:port; the port is 443 where none is given. -Host is the same.
    .PARAMETER Client
    The address of a client, judged by the setting AllowedClients.
    .PARAMETER Subject
    The subject of a client's certificate, judged as well.
    .PARAMETER ResolveNow
    Resolves each host now, and judges the addresses that it has.
    .PARAMETER Quiet
    Gives only $true or $false.
    .EXAMPLE
    Test-OMSGatewayAccess www.test.com

    Says what the rules say about this host, port 443.
    .EXAMPLE
    Test-OMSGatewayAccess -Host www.test.com:8443 -Client 10.1.2.3 -Subject mycert

    Judges a port, a client and its certificate as well.
    .EXAMPLE
    Test-OMSGatewayAccess localhost -ResolveNow | Select-Object -ExpandProperty Addresses

    Says which of the host's addresses may be connected to.
    .EXAMPLE
    Get-Content hosts.txt | Test-OMSGatewayAccess | Where-Object { -not $_.Allowed }

    Gets the hosts of a file that are not allowed yet, and what would allow them.
    .INPUTS
    System.String: hosts; or objects with the property HostName.
    .OUTPUTS
    OMSGateway.Access, or System.Boolean with -Quiet
    .LINK
    Add-OMSGatewayAllowedHost
    #>
    [CmdletBinding()]
    [OutputType('OMSGateway.Access', [bool])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Host')]
        [ArgumentCompleter({ & (Get-Module OMSGateway) Complete-Host @args })]
        [string[]]$HostName,

        [string]$Client,

        [string]$Subject,

        [switch]$ResolveNow,

        [switch]$Quiet
    )
    process {
        foreach ($one in $HostName) {
            $folder = Get-DataFolder
            $from = ConvertTo-Given $Client
            $of = ConvertTo-Given $Subject
            $answer = (Get-Library)::Check($folder, $one, $from, $of, @())
            $first = if ($ResolveNow -and $answer.Code -eq 0) { (ConvertFrom-Json -InputObject $answer.Json).result } else { $null }
            # A name that is allowed, unless a relay proxy resolves it.
            if ($null -ne $first -and $null -eq $first.relay -and @($first.addresses).Count -eq 0) {
                try {
                    $addresses = @([System.Net.Dns]::GetHostAddresses($first.host) |
                            Select-Object -First 16 | ForEach-Object { $_.ToString() -replace '%.*$', '' })
                }
                catch [System.Net.Sockets.SocketException] {
                    $PSCmdlet.WriteError((New-GatewayError 'NAME_UNKNOWN' "the name does not exist or has no address: $($first.host)" '' 3 $first.host))
                    continue
                }
                $answer = (Get-Library)::Check($folder, $one, $from, $of, [string[]]$addresses)
            }
            $said = Receive-Answer $PSCmdlet $answer ($one -replace $UrlLogin, '$1')
            if ($null -eq $said) { continue }
            if ($Quiet) { $said.allowed; continue }
            $remedy = if ($said.remedy) { ConvertTo-CmdletText ($said.remedy -replace '^omsgateway ', '') } else { $null }
            [pscustomobject]@{
                PSTypeName = 'OMSGateway.Access'
                HostName = $said.host; Port = $said.port; Allowed = $said.allowed; Rule = $said.rule
                Reason = $said.reason; Remedy = $remedy; Judged = $said.judged; Client = $said.client
                Addresses = @($said.addresses | ForEach-Object {
                    [pscustomobject]@{
                        PSTypeName = 'OMSGateway.AccessAddress'
                        Address = $_.address; Allowed = $_.allowed; Rule = $_.rule
                    }
                })
                RelayProxy = $said.relay; Note = $said.note
            }
        }
    }
}

function Get-OMSGatewayHistory {
    <#
    .SYNOPSIS
    Gets every change of the configuration.
    .DESCRIPTION
    Gets the changes, the newest first: when, by whom, with which program, what was before and what
    is since.
    .EXAMPLE
    Get-OMSGatewayHistory | Select-Object -First 10

    Gets the last ten changes.
    .EXAMPLE
    Get-OMSGatewayHistory | Where-Object { $_.Time -gt (Get-Date).AddDays(-1) }

    Gets what was changed since yesterday.
    .INPUTS
    None
    .OUTPUTS
    OMSGateway.Change
    .LINK
    about_OMSGateway
    #>
    [CmdletBinding()]
    [OutputType('OMSGateway.Change')]
    param()
    foreach ($row in (Receive-Answer $PSCmdlet ((Get-Library)::History((Get-DataFolder))) $null)) {
        if ($null -eq $row) { continue }
        [pscustomobject]@{
            PSTypeName = 'OMSGateway.Change'
            Revision = $row.revision; Time = (ConvertTo-Moment $row.time); Who = $row.who
            Program = $row.program; What = $row.what; Old = $row.old; New = $row.new
        }
    }
}

function Get-OMSGatewayStatus {
    <#
    .SYNOPSIS
    Says whether the gateway runs, and what it counted.
    .DESCRIPTION
    Gets the state of the gateway on this machine: whether it runs, since when, where it listens,
    which configuration is in force, and its counters. Of one that does not run, what it left behind
    is given, with a warning.
    .EXAMPLE
    Get-OMSGatewayStatus

    Gets the state.
    .EXAMPLE
    (Get-OMSGatewayStatus).Counters

    Gets the counters.
    .INPUTS
    None
    .OUTPUTS
    OMSGateway.Status
    .LINK
    about_OMSGateway
    #>
    [CmdletBinding()]
    [OutputType('OMSGateway.Status')]
    param()
    $said = Receive-Answer $PSCmdlet ((Get-Library)::Status((Get-DataFolder))) $null
    if ($null -ne $said) {
        [pscustomobject]@{
            PSTypeName = 'OMSGateway.Status'
            State = $said.state; Version = $said.version; ProcessId = $said.pid
            Started = (ConvertTo-Moment $said.started); Heartbeat = (ConvertTo-Moment $said.heartbeat)
            Uptime = [timespan]::FromSeconds($said.uptime_s); Revision = $said.revision
            Listeners = @($said.listeners); Counters = $said.counters
        }
    }
}

# ---- what the Tab key knows ----

# Parameters name these in their attributes. A completer runs outside the module, hence Get-Module
# there. Registering them by calls would slow the import.
function Complete-SettingName {
    param($command, $parameter, $word)
    Get-OMSGatewayConfig -ErrorAction SilentlyContinue | Where-Object { $_.Name -like "$word*" } | ForEach-Object {
        New-Object System.Management.Automation.CompletionResult $_.Name, $_.Name, 'ParameterValue', $_.Description
    }
}

function Complete-SettingValue {
    param($command, $parameter, $word, $ast, $bound)
    if (-not $bound.ContainsKey('Name')) { return }
    $setting = Get-OMSGatewayConfig -Name $bound['Name'] -ErrorAction SilentlyContinue
    if ($null -eq $setting) { return }
    $values = if ($setting.Accepted -like 'one of: *') { $setting.Accepted.Substring(8) -split ' ' } else { @($setting.Value, $setting.Default) }
    $values | Select-Object -Unique | Where-Object { $_ -like "$word*" }
}

function Complete-Host {
    param($command, $parameter, $word)
    Get-OMSGatewayAllowedHost -ErrorAction SilentlyContinue | ForEach-Object { $_.HostName } | Where-Object { $_.StartsWith($word) }
}

function Complete-Subject {
    param($command, $parameter, $word)
    Get-OMSGatewayAllowedClientCertificate -ErrorAction SilentlyContinue | Where-Object { $_.Subject.StartsWith($word.Trim("'`"")) } |
        ForEach-Object { "'" + $_.Subject.Replace("'", "''") + "'" }
}
