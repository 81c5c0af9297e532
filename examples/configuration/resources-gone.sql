-- Resources that were deleted, and when it was noticed.
SELECT eventtime, eventdata.resourcetype AS kind, eventdata.resourceid AS id, eventdata.resourcename AS name, eventdata.accountid AS account
FROM configuration
WHERE eventdata.configurationitemstatus LIKE 'ResourceDeleted%'
ORDER BY eventtime DESC
