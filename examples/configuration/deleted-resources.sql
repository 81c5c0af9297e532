-- Deleted resources: Resources that were recorded as deleted, and when.
-- tags: inventory, resource deletion
SELECT eventtime, eventdata.resourcetype AS kind, eventdata.resourceid AS id, eventdata.resourcename AS name, eventdata.accountid AS account
FROM configuration
WHERE eventdata.configurationitemstatus LIKE 'ResourceDeleted%'
ORDER BY eventtime DESC
