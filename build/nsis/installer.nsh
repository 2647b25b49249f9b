; What the app writes into the registry for the person is written by the installer too, and taken away by the uninstaller. In an
; update the old version is uninstalled first: then all of it stays.

!define LOCKSTEP_SCHEME "Software\Classes\lockstep"
!define LOCKSTEP_RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define LOCKSTEP_RUN_APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"

!macro customInstall
  WriteRegStr SHELL_CONTEXT "${LOCKSTEP_SCHEME}" "" "URL:lockstep"
  WriteRegStr SHELL_CONTEXT "${LOCKSTEP_SCHEME}" "URL Protocol" ""
  WriteRegStr SHELL_CONTEXT "${LOCKSTEP_SCHEME}\DefaultIcon" "" "$appExe,0"
  WriteRegStr SHELL_CONTEXT "${LOCKSTEP_SCHEME}\shell\open\command" "" '"$appExe" "%1"'
!macroend

; Whether the command line in $R0, quoted or not (Electron does not quote that of the login), starts this very installation: $R1
; is "yes" then.
!macro lockstepIsOurs
  Push $R2
  Push $R3
  StrCpy $R2 $R0 1
  ${if} $R2 == '"'
    StrCpy $R0 $R0 "" 1
  ${endif}
  StrCpy $R1 "$INSTDIR\${APP_EXECUTABLE_FILENAME}"
  StrLen $R3 $R1
  StrCpy $R2 $R0 $R3
  ${if} $R2 == $R1
    StrCpy $R1 "yes"
  ${else}
    StrCpy $R1 ""
  ${endif}
  Pop $R3
  Pop $R2
!macroend

!macro lockstepForgetScheme ROOT
  ReadRegStr $R0 ${ROOT} "${LOCKSTEP_SCHEME}\shell\open\command" ""
  !insertmacro lockstepIsOurs
  ${if} $R1 == "yes"
    DeleteRegKey ${ROOT} "${LOCKSTEP_SCHEME}"
  ${endif}
!macroend

!macro lockstepForgetLogin NAME
  ReadRegStr $R0 HKCU "${LOCKSTEP_RUN}" "${NAME}"
  !insertmacro lockstepIsOurs
  ${if} $R1 == "yes"
    DeleteRegValue HKCU "${LOCKSTEP_RUN}" "${NAME}"
    DeleteRegValue HKCU "${LOCKSTEP_RUN_APPROVED}" "${NAME}"
  ${endif}
!macroend

!macro customUnInstall
  ${ifNot} ${isUpdated}
    Push $R0
    Push $R1
    ; The app claims the scheme for the person at each start, whatever the installer was allowed to.
    !insertmacro lockstepForgetScheme SHELL_CONTEXT
    !insertmacro lockstepForgetScheme HKCU
    ; The name under which Electron keeps the entry: what the app is known by to Windows.
    !insertmacro lockstepForgetLogin "${APP_ID}"
    !insertmacro lockstepForgetLogin "electron.app.${PRODUCT_NAME}"
    Pop $R1
    Pop $R0
  ${endif}
!macroend
