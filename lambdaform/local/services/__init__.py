"""The other AWS services behind the same URL: moto's in this process, or an emulator elsewhere."""
