-- Manually uploaded evidence: Evidence that was uploaded by hand, by control.
-- tags: audit manager, manual evidence
SELECT eventtime, eventdata.controlname AS control, eventdata.manualevidences3resourcepath AS uploaded, eventdata.iamid AS by_whom
FROM evidence
WHERE eventdata.manualevidences3resourcepath IS NOT NULL
ORDER BY eventtime DESC
