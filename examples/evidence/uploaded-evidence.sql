-- Evidence that somebody uploaded.
SELECT eventtime, eventdata.controlname AS control, eventdata.manualevidences3resourcepath AS uploaded, eventdata.iamid AS by_whom
FROM evidence
WHERE eventdata.manualevidences3resourcepath IS NOT NULL
ORDER BY eventtime DESC
