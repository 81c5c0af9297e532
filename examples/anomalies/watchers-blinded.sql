-- Detectors, recorders and findings that were switched off or silenced.
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 'detectorId'), element_at(requestparameters, 'configurationRecorderName')) AS watcher
FROM main
WHERE eventname IN ('DeleteDetector', 'UpdateDetector', 'CreateFilter', 'ArchiveFindings', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DisableSecurityHub', 'DeleteRule')
ORDER BY eventtime DESC
