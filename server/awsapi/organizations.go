package awsapi

import "context"

// noOrganization is the answer of the operations on delegated administrators: a lake is one account, the management
// account of an organization that has no other.
func (d *Door) noOrganization(_ context.Context, c *call, _ *struct{}) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	return nil, fail("OrganizationsNotInUseException", "A lake is one account: there are no member accounts to delegate to.")
}
