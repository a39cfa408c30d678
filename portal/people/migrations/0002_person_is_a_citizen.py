"""A person is behind a citizen user, never behind one of the staff: the database says so."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION portal_person_is_citizen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM portal_accounts_user WHERE id = NEW.user_id) <> 'citizen' THEN
        RAISE EXCEPTION 'a staff user has no person' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_person_is_citizen BEFORE INSERT OR UPDATE OF user_id ON portal_people_person
    FOR EACH ROW EXECUTE FUNCTION portal_person_is_citizen();

CREATE FUNCTION portal_staff_has_no_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'staff' AND EXISTS (SELECT 1 FROM portal_people_person WHERE user_id = NEW.id) THEN
        RAISE EXCEPTION 'a citizen never becomes staff' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portal_staff_has_no_person BEFORE UPDATE OF kind ON portal_accounts_user
    FOR EACH ROW EXECUTE FUNCTION portal_staff_has_no_person();
"""

BACKWARD = """
DROP TRIGGER portal_staff_has_no_person ON portal_accounts_user;
DROP FUNCTION portal_staff_has_no_person();
DROP TRIGGER portal_person_is_citizen ON portal_people_person;
DROP FUNCTION portal_person_is_citizen();
"""


class Migration(migrations.Migration):
    dependencies = [("portal_people", "0001_initial"), ("portal_accounts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
