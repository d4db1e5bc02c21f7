; Inno Setup: iscc /DVersion=0.1.0 packaging\windows\vcam.iss, after PyInstaller has made dist\vcam. NOT RUN.
#ifndef Version
  #error Give the version: iscc /DVersion=...
#endif

[Setup]
AppId={{6F0D2C0E-4C6B-4E0B-9E0C-6B1C9B6D5B0A}
AppName=vcam
AppVersion={#Version}
AppPublisher=The vcam authors
DefaultDirName={autopf}\vcam
DefaultGroupName=vcam
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=vcam-{#Version}-setup
Compression=lzma2
SolidCompression=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesEnvironment=yes
UninstallDisplayIcon={app}\vcam.exe

[Tasks]
Name: path; Description: "Make vcam a command in terminals"
Name: login; Description: "Start with an icon at login"; Flags: unchecked

[Files]
Source: "..\..\dist\vcam\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\vcam"; Filename: "{app}\vcam.exe"; Parameters: "tray"

[Registry]
Root: HKA; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; \
  Tasks: path; Check: NotOnPath

[Run]
Filename: "{app}\vcam.exe"; Parameters: "tray --at-login on"; Flags: runhidden; Tasks: login
Filename: "{app}\vcam.exe"; Parameters: "tray"; Description: "Start vcam"; Flags: postinstall nowait skipifsilent

[UninstallRun]
Filename: "{app}\vcam.exe"; Parameters: "tray --at-login off"; Flags: runhidden; RunOnceId: login

[Code]
function NotOnPath: Boolean;
var
  Path: String;
begin
  Result := not RegQueryStringValue(HKA, 'Environment', 'Path', Path)
    or (Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0);
end;
