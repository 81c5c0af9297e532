-- Detection disabled: GuardDuty, AWS Config, Security Hub and EventBridge rules that were disabled, deleted or changed; findings that were archived.
-- tags: T1562.001, T1562.008, defense evasion, detection disabled
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 'detectorId'), element_at(requestparameters, 'configurationRecorderName')) AS watcher
FROM main
WHERE eventname IN ('DeleteDetector', 'UpdateDetector', 'CreateFilter', 'ArchiveFindings', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DisableSecurityHub', 'DeleteRule')
ORDER BY eventtime DESC
