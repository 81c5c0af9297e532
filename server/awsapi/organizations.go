package awsapi

import "context"

// noOrganization answers the operations on delegated administrators. A lake is one account: the management account
// of an organization without others.
func (d *Door) noOrganization(_ context.Context, c *call, _ *struct{}) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	return nil, fail("OrganizationsNotInUseException", "A lake is one account: there are no member accounts to delegate to.")
}
